@SEED-9 @ERR-02 @VAL-01
Feature: A value that Salesforce cannot take is refused and told
  Wrong format, too long, not in the picklist, required and missing: the save fails, Salesforce stays as it was, the
  person's activity log says why, the others are synced, and once it is mended the next cycle succeeds.

  @ERR-13 @VAL-04
  Scenario: A text that is too long is refused, not cut
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    When the Phone of "ada@example.com" becomes "0123456789 0123456789 0123456789 0123456789" in Marketo
    And a sync cycle runs
    Then Salesforce shows Phone "555-0100" for "ada@example.com"
    And Marketo shows Phone "0123456789 0123456789 0123456789 0123456789" for "ada@example.com"
    And the cycle reports the refusal STRING_TOO_LONG for "ada@example.com"
    And the activity log of "ada@example.com" shows a refusal STRING_TOO_LONG that names "Phone"

  @ERR-12 @FLD-23 @PAIN-16
  Scenario: A value that a restricted picklist does not have
    Given Salesforce has the Picklist field Lead.Region__c with
      | values     | North, South |
      | restricted | yes          |
    And the person "ada@example.com" is in both systems
    And the Region__c of "ada@example.com" becomes "North" in Salesforce
    When a sync cycle runs
    And the Region__c of "ada@example.com" becomes "Atlantis" in Marketo
    And a sync cycle runs
    Then Salesforce shows Region__c "North" for "ada@example.com"
    And the cycle reports the refusal INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST for "ada@example.com"
    And the activity log of "ada@example.com" shows a refusal INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST that names "Atlantis"

  @FLD-23
  Scenario: A picklist that is not restricted takes any value
    Given the person "ada@example.com" has LeadSource "Web" in both systems
    When the LeadSource of "ada@example.com" becomes "Pigeon" in Marketo
    And a sync cycle runs
    Then both systems show LeadSource "Pigeon" for "ada@example.com"

  @ERR-11
  Scenario Outline: A required field that was emptied in Marketo
    Given the person "ada@example.com" is in both systems with
      | LastName | Lovelace |
      | Company  | Acme     |
    When the <field> of "ada@example.com" is cleared in Marketo
    And a sync cycle runs
    Then Salesforce shows <field> "<value>" for "ada@example.com"
    And the cycle reports the refusal REQUIRED_FIELD_MISSING for "ada@example.com"
    And the activity log of "ada@example.com" shows a refusal REQUIRED_FIELD_MISSING that names "<field>"

    Examples:
      | field    | value    |
      | LastName | Lovelace |
      | Company  | Acme     |

  @ERR-11 @PAIN-15
  Scenario: A field that becomes required stops new Leads until it is filled
    Given Salesforce has the Text field Lead.Region__c
    And the person "bob@example.com" is in both systems
    And Salesforce has the Text field Lead.Region__c with
      | required | yes |
    And the person "ada@example.com" is created in Marketo
    When "ada@example.com" goes through the campaign "Sync Person to SFDC"
    Then Salesforce has no record for "ada@example.com"
    And the activity log of "ada@example.com" shows a refusal REQUIRED_FIELD_MISSING that names "Region__c"
    When the Region__c of "ada@example.com" becomes "North" in Marketo
    And "ada@example.com" goes through the campaign "Sync Person to SFDC"
    Then both systems show Region__c "North" for "ada@example.com"

  @ERR-14 @VAL-19
  Scenario: An e-mail address that Salesforce does not accept
    Given Salesforce has the Text field Lead.Backup_Address__c
    And the person "ada@example.com" is in both systems
    And Salesforce has the Email field Lead.Backup_Address__c
    When the Backup_Address__c of "ada@example.com" becomes "ada at example" in Marketo
    And a sync cycle runs
    Then Salesforce shows no Backup_Address__c for "ada@example.com"
    And the cycle reports the refusal INVALID_EMAIL_ADDRESS for "ada@example.com"
    And the activity log of "ada@example.com" shows a refusal INVALID_EMAIL_ADDRESS that names "ada at example"

  @ERR-15 @TYP-05
  Scenario: A number that has too many digits
    Given Salesforce has the Number field Lead.Seats__c with
      | precision | 3 |
    And the person "ada@example.com" is in both systems
    And the Seats__c of "ada@example.com" becomes "12" in Salesforce
    When a sync cycle runs
    And the Seats__c of "ada@example.com" becomes "4096" in Marketo
    And a sync cycle runs
    Then Salesforce shows Seats__c "12" for "ada@example.com"
    And the cycle reports the refusal NUMBER_OUTSIDE_VALID_RANGE for "ada@example.com"
    And the activity log of "ada@example.com" shows a refusal NUMBER_OUTSIDE_VALID_RANGE that names "Seats"

  @ERR-04 @ERR-05
  Scenario: The other people of the batch are synced, and nothing of the refused one
    Given these people are in both systems
      | Email            | Phone    | Title    |
      | ada@example.com  | 555-0001 | Engineer |
      | bob@example.com  | 555-0002 | Engineer |
      | cora@example.com | 555-0003 | Engineer |
    When these people change in Marketo
      | Email            | Phone                                       | Title    |
      | ada@example.com  | 555-0101                                    | Director |
      | bob@example.com  | 0123456789 0123456789 0123456789 0123456789 | Director |
      | cora@example.com | 555-0103                                    | Director |
    And a sync cycle runs
    Then both systems show Title "Director" for "ada@example.com"
    And Salesforce shows Title "Engineer" for "bob@example.com"
    And both systems show Phone "555-0103" for "cora@example.com"
    And the cycle reports 1 refusals

  @ERR-06
  Scenario: Mended in Marketo, the next cycle succeeds
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    When the Phone of "ada@example.com" becomes "0123456789 0123456789 0123456789 0123456789" in Marketo
    And a sync cycle runs
    And the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And a sync cycle runs
    Then both systems show Phone "555-0199" for "ada@example.com"
    And the cycle reports no refusal
    And the activity log of "ada@example.com" shows 1 refusals

  @ERR-13 @DIR-02
  Scenario: The same holds for a Contact
    Given the contact "grace@example.com" has Title "Admiral" in both systems
    When the Phone of "grace@example.com" becomes "0123456789 0123456789 0123456789 0123456789" in Marketo
    And a sync cycle runs
    Then Salesforce shows no Phone for "grace@example.com"
    And the activity log of "grace@example.com" shows a refusal STRING_TOO_LONG that names "Phone"
