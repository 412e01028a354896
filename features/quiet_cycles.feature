@CON-16
Feature: Nothing changed, nothing written
  A quiet cycle makes no write on either side, and an update never echoes back.

  @CYC-21
  Scenario: A cycle after which nobody changed anything writes nothing
    Given the person "ada@example.com" is in both systems
    And the contact "grace@example.com" is in both systems
    When a sync cycle runs
    Then the cycle wrote nothing
    And the cycle plans nothing

  @CON-16
  Scenario: An update that came from Marketo does not come back
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    When the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And a sync cycle runs
    Then the cycle wrote to Salesforce
    When a sync cycle runs
    Then the cycle wrote nothing
    And the cycle plans nothing
    And the activity log of "ada@example.com" shows 1 changes of Phone

  @CON-16
  Scenario: An update that came from Salesforce does not come back
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    When the Phone of "ada@example.com" becomes "555-0199" in Salesforce
    And a sync cycle runs
    Then the cycle wrote to Marketo
    And the cycle wrote nothing to Salesforce
    When a sync cycle runs
    Then the cycle wrote nothing
    And the activity log of "ada@example.com" shows 1 changes of Phone

  @CON-16 @DIR-02
  Scenario: Nor does an update of a Contact
    Given the contact "grace@example.com" is in both systems with
      | Phone | 555-0100 |
      | Title | Admiral  |
    When the Phone of "grace@example.com" becomes "555-0199" in Marketo
    And the Title of "grace@example.com" becomes "Professor" in Salesforce
    And 2 sync cycles run
    Then the cycle wrote nothing
    And both systems show for "grace@example.com"
      | Phone | 555-0199  |
      | Title | Professor |

  @CON-16 @DIR-16
  Scenario: A new Lead is written once
    Given the Lead "ada@example.com" is created in Salesforce
    When a sync cycle runs
    Then the cycle wrote nothing to Salesforce
    When a sync cycle runs
    Then the cycle wrote nothing
    And Marketo has one person "ada@example.com"

  @CYC-20 @CYC-21
  Scenario: A save that changed nothing is skipped
    Given the person "ada@example.com" is in both systems
    When "ada@example.com" is saved in Salesforce without a change
    And a sync cycle runs
    Then the cycle wrote nothing

  @VAL-08
  Scenario: White space at the ends is no change
    Given the person "ada@example.com" has Title "Engineer" in both systems
    When the Title of "ada@example.com" becomes "  Engineer " in Marketo
    And a sync cycle runs
    Then the cycle wrote nothing

  @VAL-09
  Scenario: Capital letters in an address are no change, and make no second person
    Given the person "ada@example.com" is in both systems
    When the e-mail address of "ada@example.com" becomes "Ada@Example.com" in Marketo
    And 2 sync cycles run
    Then the cycle wrote nothing
    And Marketo has one person "ada@example.com"
    And Salesforce has one Lead "ada@example.com"

  @CON-16 @CYC-01
  Scenario: Many quiet cycles stay quiet
    Given the person "ada@example.com" is in both systems
    And the engine syncs on its schedule
    When the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And 30 minutes pass
    Then both systems show Phone "555-0199" for "ada@example.com"
    And the activity log of "ada@example.com" shows 1 changes of Phone

  @FLD-12 @CON-16
  Scenario: A difference that may not be written does not make the cycles busy
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    And the integration user may read but not edit Lead.Phone
    When the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And 2 sync cycles run
    Then the cycle wrote nothing
