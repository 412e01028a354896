@SEED-9 @ERR-01
Feature: Validation rules of Salesforce hold
  A refused write leaves Salesforce unchanged and the other people of the batch synced. The person's activity log names
  the rule's message; after the data is mended the next cycle succeeds.

  Background:
    Given the rule Lead.Phone_If_Hot says "A hot lead needs a phone." at Phone when
      """
      ISPICKVAL(Rating, "Hot") && ISBLANK(Phone)
      """

  @ERR-10 @ERR-05 @ERR-06
  Scenario: The refused change leaves Salesforce unchanged, and Marketo keeps its value
    Given the person "ada@example.com" has Rating "Cold" in both systems
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    Then Salesforce shows Rating "Cold" for "ada@example.com"
    And Marketo shows Rating "Hot" for "ada@example.com"

  @ERR-10 @ERR-03
  Scenario: Activity log and report name code, message and field
    Given the person "ada@example.com" has Rating "Cold" in both systems
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    Then the activity log of "ada@example.com" shows the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "A hot lead needs a phone."
    And the activity log of "ada@example.com" shows a refusal FIELD_CUSTOM_VALIDATION_EXCEPTION that names "Phone"
    And the cycle reports the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "A hot lead needs a phone." on Phone for "ada@example.com"

  @ERR-05
  Scenario: The save is all or nothing: a good field of the same person does not arrive either
    Given the person "ada@example.com" is in both systems with
      | Rating | Cold     |
      | Title  | Engineer |
    When "ada@example.com" changes in Marketo to
      | Rating | Hot      |
      | Title  | Director |
    And a sync cycle runs
    Then Salesforce shows Rating "Cold" for "ada@example.com"
    And Salesforce shows Title "Engineer" for "ada@example.com"

  @ERR-04
  Scenario: The other people of the batch are synced
    Given these people are in both systems
      | Email            | Rating | Phone    |
      | ada@example.com  | Cold   | 555-0001 |
      | bob@example.com  | Cold   |          |
      | cora@example.com | Cold   | 555-0003 |
    When these people change in Marketo
      | Email            | Rating |
      | ada@example.com  | Hot    |
      | bob@example.com  | Hot    |
      | cora@example.com | Hot    |
    And a sync cycle runs
    Then Salesforce shows Rating "Hot" for "ada@example.com"
    And Salesforce shows Rating "Cold" for "bob@example.com"
    And Salesforce shows Rating "Hot" for "cora@example.com"
    And the cycle reports 1 refusals
    And the activity log of "ada@example.com" shows no refusal
    And the activity log of "bob@example.com" shows 1 refusals

  @ERR-06 @ERR-10
  Scenario: Mended in Marketo, the next cycle succeeds
    Given the person "ada@example.com" has Rating "Cold" in both systems
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    And the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And a sync cycle runs
    Then both systems show for "ada@example.com"
      | Rating | Hot      |
      | Phone  | 555-0199 |
    And the cycle reports no refusal

  @ERR-06
  Scenario: Mended in Salesforce, the next cycle succeeds
    Given the person "ada@example.com" has Rating "Cold" in both systems
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    And the Phone of "ada@example.com" becomes "555-0111" in Salesforce
    And a sync cycle runs
    Then both systems show for "ada@example.com"
      | Rating | Hot      |
      | Phone  | 555-0111 |

  @ERR-06
  Scenario: Without the rule, the next cycle succeeds
    Given the person "ada@example.com" has Rating "Cold" in both systems
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    And the rule Lead.Phone_If_Hot is removed
    And a sync cycle runs
    Then both systems show Rating "Hot" for "ada@example.com"

  @ERR-10 @ERR-01
  Scenario: Every rule that refuses is reported, also one that stands at no field
    Given the rule Lead.Title_If_Hot says "A hot lead needs a title." at Title when
      """
      ISPICKVAL(Rating, "Hot") && ISBLANK(Title)
      """
    And the rule Lead.No_Hot_Leads_On_Paper says "Fax and hot do not go together." when
      """
      AND(ISPICKVAL(Rating, "Hot"), NOT(ISBLANK(Fax)))
      """
    And the person "ada@example.com" is in both systems with
      | Rating | Cold     |
      | Fax    | 555-0400 |
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    Then the cycle reports 3 refusals
    And the cycle reports the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "A hot lead needs a title." on Title for "ada@example.com"
    And the cycle reports the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "A hot lead needs a phone." on Phone for "ada@example.com"

  @ERR-34
  Scenario: A refusal that repeats is logged once
    Given the person "ada@example.com" has Rating "Cold" in both systems
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And 3 sync cycles run
    Then the activity log of "ada@example.com" shows 1 refusals

  @ERR-34
  Scenario: Another refusal of the same person is logged too
    Given the person "ada@example.com" has Rating "Cold" in both systems
    And the rule Lead.No_Shouting says "No capitals." at Title when
      """
      Title = "BOSS"
      """
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    And "ada@example.com" changes in Marketo to
      | Phone | 555-0199 |
      | Title | BOSS     |
    And a sync cycle runs
    Then the activity log of "ada@example.com" shows 2 refusals
    And the activity log of "ada@example.com" shows the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "No capitals."

  @ERR-08
  Scenario: A record that breaks a rule made later is still read
    Given the rule Lead.Phone_If_Hot is removed
    And the Lead "ada@example.com" is created in Salesforce with
      | Rating | Hot |
    And the rule Lead.Phone_If_Hot says "A hot lead needs a phone." at Phone when
      """
      ISPICKVAL(Rating, "Hot") && ISBLANK(Phone)
      """
    When a sync cycle runs
    Then Marketo shows Rating "Hot" for "ada@example.com"
    And the cycle reports no refusal

  @ERR-10 @DIR-02
  Scenario: A rule on Contact refuses the same way
    Given the rule Contact.No_Premium_Numbers says "Premium numbers are not allowed." at Phone when
      """
      BEGINS(Phone, "900")
      """
    And the contact "grace@example.com" has Phone "555-0100" in both systems
    When the Phone of "grace@example.com" becomes "900-0122" in Marketo
    And a sync cycle runs
    Then Salesforce shows Phone "555-0100" for "grace@example.com"
    And the activity log of "grace@example.com" shows the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "Premium numbers are not allowed."

  @ERR-01 @PAIN-02
  Scenario: A rule that looks at what changed refuses the change only
    Given the rule Lead.Phone_Stays says "The phone of a working lead stays." at Phone when
      """
      AND(ISCHANGED(Phone), ISPICKVAL(Status, "Working - Contacted"))
      """
    And the person "ada@example.com" is in both systems with
      | Status | Working - Contacted |
      | Phone  | 555-0100            |
    When the Title of "ada@example.com" becomes "Director" in Marketo
    And a sync cycle runs
    Then Salesforce shows Title "Director" for "ada@example.com"
    When the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And a sync cycle runs
    Then Salesforce shows Phone "555-0100" for "ada@example.com"
    And the activity log of "ada@example.com" shows the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "The phone of a working lead stays."
