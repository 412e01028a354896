@SEED-1
Feature: The sync runs in cycles
  Marketo syncs with Salesforce, waits five minutes from the end of the sync, and syncs again, all day.

  @CYC-01 @CYC-02
  Scenario: A change in Marketo waits until five minutes after the last cycle
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    And the engine syncs on its schedule
    When the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And 4 minutes and 59 seconds pass
    Then Salesforce shows Phone "555-0100" for "ada@example.com"
    When one more second passes
    Then Salesforce shows Phone "555-0199" for "ada@example.com"

  @CYC-01 @CYC-05
  Scenario: Changes from both sides wait for the same cycle
    Given the person "ada@example.com" is in both systems with
      | Phone | 555-0100 |
      | Title | Engineer |
    And the engine syncs on its schedule
    When the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And the Title of "ada@example.com" becomes "Director" in Salesforce
    And 4 minutes and 59 seconds pass
    Then Salesforce shows Phone "555-0100" for "ada@example.com"
    And Marketo shows Title "Engineer" for "ada@example.com"
    When one more second passes
    Then both systems show for "ada@example.com"
      | Phone | 555-0199 |
      | Title | Director |

  @CYC-01
  Scenario: One cycle follows another without end
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    And the engine syncs on its schedule
    When the Phone of "ada@example.com" becomes "555-0101" in Marketo
    And 5 minutes pass
    Then Salesforce shows Phone "555-0101" for "ada@example.com"
    When the Phone of "ada@example.com" becomes "555-0102" in Salesforce
    And 5 minutes pass
    Then Marketo shows Phone "555-0102" for "ada@example.com"
    When the Phone of "ada@example.com" becomes "555-0103" in Marketo
    And 5 minutes pass
    Then Salesforce shows Phone "555-0103" for "ada@example.com"
    And the next cycle is due in 5 minutes

  @CYC-01
  Scenario: The pause is counted from the end of a cycle, not from its start
    Given the person "ada@example.com" is in both systems
    And the engine syncs on its schedule
    When the next cycle begins and takes 3 minutes
    Then the next cycle is due in 5 minutes

  @CYC-04 @DIR-16
  Scenario: A Lead that arrives during the pause becomes a person with the next cycle
    Given the person "ada@example.com" is in both systems
    And the engine syncs on its schedule
    When the Lead "grace@example.com" is created in Salesforce
    And 4 minutes and 59 seconds pass
    Then Marketo has no person "grace@example.com"
    When one more second passes
    Then Marketo has one person "grace@example.com"
