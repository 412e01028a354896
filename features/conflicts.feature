@SEED-3
Feature: When both sides changed at once, the vendor's rule decides, field by field
  On a Lead Marketo wins, on a Contact Salesforce wins. A field that only one side changed flows, whatever happened to
  its neighbours.

  Rule: A field that left its last synced value on both sides is a conflict

    @CON-01
    Scenario: On a Lead, Marketo wins
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And the Phone of "ada@example.com" becomes "555-0122" in Marketo
      And a sync cycle runs
      Then both systems show Phone "555-0122" for "ada@example.com"
      And the cycle reports a conflict on Phone of "ada@example.com"

    @CON-02
    Scenario: On a Contact, Salesforce wins
      Given the contact "grace@example.com" has Phone "555-0100" in both systems
      When the Phone of "grace@example.com" becomes "555-0111" in Salesforce
      And the Phone of "grace@example.com" becomes "555-0122" in Marketo
      And a sync cycle runs
      Then both systems show Phone "555-0111" for "grace@example.com"
      And the cycle reports a conflict on Phone of "grace@example.com"

    @CON-01 @CON-07
    Scenario: Who wrote last does not matter
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0122" in Marketo
      And 3 minutes pass
      And the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And a sync cycle runs
      Then both systems show Phone "555-0122" for "ada@example.com"

    @CON-08
    Scenario: The value that loses in Marketo leaves an entry in the activity log
      Given the contact "grace@example.com" has Phone "555-0100" in both systems
      When the Phone of "grace@example.com" becomes "555-0111" in Salesforce
      And the Phone of "grace@example.com" becomes "555-0122" in Marketo
      And a sync cycle runs
      Then the activity log of "grace@example.com" shows that Phone changed from "555-0122" to "555-0111"

    @CON-01 @VAL-06
    Scenario: Emptying a field is a change like any other
      Given the person "ada@example.com" has Title "Engineer" in both systems
      When the Title of "ada@example.com" becomes "Director" in Salesforce
      And the Title of "ada@example.com" is cleared in Marketo
      And a sync cycle runs
      Then Salesforce shows no Title for "ada@example.com"

    @CON-02 @VAL-06
    Scenario: On a Contact, an emptied field of Salesforce wins too
      Given the contact "grace@example.com" has Title "Admiral" in both systems
      When the Title of "grace@example.com" is cleared in Salesforce
      And the Title of "grace@example.com" becomes "Professor" in Marketo
      And a sync cycle runs
      Then Marketo shows no Title for "grace@example.com"

    @CON-01
    Scenario: A conflict is settled once
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And the Phone of "ada@example.com" becomes "555-0122" in Marketo
      And 2 sync cycles run
      Then the cycle reports no conflict
      And the cycle wrote nothing

  Rule: Everything else flows

    @CON-05
    Scenario: Beside a conflict on a Lead, its other fields travel both ways
      Given the person "ada@example.com" is in both systems with
        | Phone | 555-0100 |
        | Title | Engineer |
        | City  | London   |
      When "ada@example.com" changes in Salesforce to
        | Phone | 555-0111 |
        | Title | Director |
      And "ada@example.com" changes in Marketo to
        | Phone | 555-0122 |
        | City  | Oslo     |
      And a sync cycle runs
      Then both systems show for "ada@example.com"
        | Phone | 555-0122 |
        | Title | Director |
        | City  | Oslo     |

    @CON-05
    Scenario: Beside a conflict on a Contact, its other fields travel both ways
      Given the contact "grace@example.com" is in both systems with
        | Phone | 555-0100 |
        | Title | Admiral  |
        | City  | New York |
      When "grace@example.com" changes in Salesforce to
        | Phone | 555-0111  |
        | Title | Professor |
      And "grace@example.com" changes in Marketo to
        | Phone | 555-0122  |
        | City  | Arlington |
      And a sync cycle runs
      Then both systems show for "grace@example.com"
        | Phone | 555-0111  |
        | Title | Professor |
        | City  | Arlington |

    @CON-06
    Scenario Outline: The same change on both sides is no conflict
      Given the <kind> "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0199" in Salesforce
      And the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And a sync cycle runs
      Then the cycle reports no conflict
      And the cycle wrote nothing
      And both systems show Phone "555-0199" for "ada@example.com"

      Examples:
        | kind    |
        | person  |
        | contact |

    @CON-07
    Scenario: On a Lead, a change of Salesforce alone flows although Marketo would win a conflict
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And a sync cycle runs
      Then both systems show Phone "555-0111" for "ada@example.com"
      And the cycle reports no conflict

    @CON-07
    Scenario: On a Contact, a change of Marketo alone flows although Salesforce would win a conflict
      Given the contact "grace@example.com" has Phone "555-0100" in both systems
      When the Phone of "grace@example.com" becomes "555-0122" in Marketo
      And a sync cycle runs
      Then both systems show Phone "555-0122" for "grace@example.com"
      And the cycle reports no conflict

    @CON-13 @ERR-06
    Scenario: The winner's value is refused, and both sides stay as they were
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      And the rule Lead.No_Premium_Numbers says "Premium numbers are not allowed." at Phone when
        """
        BEGINS(Phone, "900")
        """
      When the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And the Phone of "ada@example.com" becomes "900-0122" in Marketo
      And a sync cycle runs
      Then Salesforce shows Phone "555-0111" for "ada@example.com"
      And Marketo shows Phone "900-0122" for "ada@example.com"
      And the activity log of "ada@example.com" shows the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "Premium numbers are not allowed."

    @CON-14 @FLD-12
    Scenario: On a field that the integration user may only read, Salesforce's value is taken
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      And the integration user may read but not edit Lead.Phone
      When the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And the Phone of "ada@example.com" becomes "555-0122" in Marketo
      And a sync cycle runs
      Then both systems show Phone "555-0111" for "ada@example.com"
      And the cycle reports no refusal

  Rule: An edit that lands between the cycle's reading and its writing is not lost

    @CON-05
    Scenario: An edit of another field stays, and follows with the next cycle
      Given the person "ada@example.com" is in both systems with
        | Phone | 555-0100 |
        | City  | London   |
      When the Phone of "ada@example.com" becomes "555-0122" in Marketo
      And a sync cycle runs, and before it writes to Salesforce the City of "ada@example.com" becomes "Oslo" there
      Then Salesforce shows City "Oslo" for "ada@example.com"
      And Salesforce shows Phone "555-0122" for "ada@example.com"
      When a sync cycle runs
      Then both systems show for "ada@example.com"
        | Phone | 555-0122 |
        | City  | Oslo     |

    @CON-01
    Scenario: An edit of the same field of a Lead gives way to Marketo's
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0122" in Marketo
      And a sync cycle runs, and before it writes to Salesforce the Phone of "ada@example.com" becomes "555-0111" there
      And a sync cycle runs
      Then both systems show Phone "555-0122" for "ada@example.com"

    @CON-05
    Scenario: An edit in Marketo stays, and follows with the next cycle
      Given the person "ada@example.com" is in both systems with
        | Phone | 555-0100 |
        | City  | London   |
      When the City of "ada@example.com" becomes "Oslo" in Salesforce
      And a sync cycle runs, and before it writes to Marketo the Phone of "ada@example.com" becomes "555-0122" there
      And a sync cycle runs
      Then both systems show for "ada@example.com"
        | Phone | 555-0122 |
        | City  | Oslo     |
