@SEED-4 @SEED-5
Feature: Sync Person to SFDC
  The flow action creates a Lead when there is none and updates when there is one, in real time, without waiting for a
  cycle; from a campaign and by hand.

  Rule: From a campaign

    @SP-01 @SP-05 @SP-07 @CYC-06
    Scenario: A person without a Lead gets one, at once
      Given the person "ada@example.com" is created in Marketo with
        | FirstName | Ada      |
        | Phone     | 555-0100 |
      When "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce has one Lead "ada@example.com"
      And both systems show for "ada@example.com"
        | FirstName | Ada      |
        | Phone     | 555-0100 |
        | Company   | Acme     |
      And Marketo knows "ada@example.com" as a Lead of Salesforce
      And the activity log of "ada@example.com" shows "Sync Lead to SFDC"
      And the activity log of "ada@example.com" shows no refusal

    @SP-05 @SP-04
    Scenario: A person with a Lead is updated, at once
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce shows Phone "555-0199" for "ada@example.com"
      And Salesforce has one Lead "ada@example.com"

    @SP-05 @SP-04
    Scenario: A person with a Contact has the Contact updated
      Given the contact "grace@example.com" has Phone "555-0100" in both systems
      When the Phone of "grace@example.com" becomes "555-0199" in Marketo
      And "grace@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce shows Phone "555-0199" for "grace@example.com"
      And Salesforce has one Contact "grace@example.com"

    @SP-10
    Scenario: Any campaign with the step does it
      Given the campaign "Send to sales" with the flow step "Sync Person to SFDC"
      And the person "ada@example.com" is created in Marketo
      When "ada@example.com" goes through the campaign "Send to sales"
      Then Salesforce has one Lead "ada@example.com"

    @SP-09
    Scenario: Several people in one request
      Given the person "ada@example.com" is created in Marketo
      And the person "bob@example.com" is created in Marketo
      And the person "cora@example.com" is in both systems
      When these people go through the campaign "Sync Person to SFDC" together
        | ada@example.com  |
        | bob@example.com  |
        | cora@example.com |
      Then Salesforce has one Lead "ada@example.com"
      And Salesforce has one Lead "bob@example.com"
      And Salesforce has one Lead "cora@example.com"

    @SP-42 @SP-40
    Scenario: Two campaigns at once make one Lead
      Given the campaign "Send to sales" with the flow step "Sync Person to SFDC"
      And the person "ada@example.com" is created in Marketo
      When "ada@example.com" goes through the campaigns "Sync Person to SFDC" and "Send to sales" at once
      Then Salesforce has one Lead "ada@example.com"

    @SP-01
    Scenario: Sending a person twice makes one Lead
      Given the person "ada@example.com" is created in Marketo
      When "ada@example.com" goes through the campaign "Sync Person to SFDC"
      And "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce has one Lead "ada@example.com"
      And the activity log of "ada@example.com" shows "Sync Lead to SFDC" 2 times

    @SP-21
    Scenario: A Lead with the same address that Marketo does not know is not looked for
      Given the Lead "ada@example.com" is created in Salesforce
      And the person "ada@example.com" is created in Marketo
      When "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce has 2 Leads "ada@example.com"

    @SP-03 @ERR-35 @ERR-11
    Scenario: Without a company Salesforce refuses the Lead, and the person's activity log says so
      Given the person "ada@example.com" is created in Marketo with
        | Company |  |
      When "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce has no record for "ada@example.com"
      And the activity log of "ada@example.com" shows a refusal REQUIRED_FIELD_MISSING that names "Company"

    @ERR-35 @ERR-10
    Scenario: A validation rule refuses the Lead, and the person's activity log says so
      Given the rule Lead.Phone_Needed says "A Lead needs a phone." at Phone when
        """
        ISBLANK(Phone)
        """
      And the person "ada@example.com" is created in Marketo
      When "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce has no record for "ada@example.com"
      And the activity log of "ada@example.com" shows the refusal FIELD_CUSTOM_VALIDATION_EXCEPTION "A Lead needs a phone."
      When the Phone of "ada@example.com" becomes "555-0100" in Marketo
      And "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce has one Lead "ada@example.com"

  Rule: By hand

    @SP-01 @SP-05 @FLO-23
    Scenario: A person without a Lead gets one
      Given the person "ada@example.com" is created in Marketo
      When "ada@example.com" is synced to Salesforce by hand
      Then Salesforce has one Lead "ada@example.com"
      And Marketo knows "ada@example.com" as a Lead of Salesforce

    @SP-05 @FLO-23
    Scenario: A person with a Lead is updated
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      When the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And "ada@example.com" is synced to Salesforce by hand
      Then Salesforce shows Phone "555-0199" for "ada@example.com"

  Rule: The cycle and the flow action know of each other

    @CON-16 @SP-20
    Scenario: What a flow action created is no news for the next cycle
      Given the person "ada@example.com" is created in Marketo
      When "ada@example.com" goes through the campaign "Sync Person to SFDC"
      And a sync cycle runs
      Then Marketo has one person "ada@example.com"
      And Salesforce has one Lead "ada@example.com"
      And the cycle wrote nothing to Salesforce
