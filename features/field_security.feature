@SEED-8 @FLD-03
Feature: Field-level security holds for the integration user
  Only fields that the integration user can see take part. A hidden field is neither read nor written, a field hidden
  later stops, a field that may only be read flows from Salesforce only.

  Rule: A hidden field is neither read nor written

    @FLD-03
    Scenario: A change in Marketo of a hidden field stays in Marketo
      Given the person "ada@example.com" has Rating "Cold" in both systems
      And the integration user may not see Lead.Rating
      When the Rating of "ada@example.com" becomes "Hot" in Marketo
      And a sync cycle runs
      Then Salesforce shows Rating "Cold" for "ada@example.com"
      And Marketo shows Rating "Hot" for "ada@example.com"
      And the cycle reports no refusal
      And nothing that the cycle exchanged with Salesforce holds "Hot"

    @FLD-03
    Scenario: A change in Salesforce of a hidden field stays in Salesforce
      Given the person "ada@example.com" has Rating "Cold" in both systems
      And the integration user may not see Lead.Rating
      When the Rating of "ada@example.com" becomes "Hot" in Salesforce
      And a sync cycle runs
      Then Marketo shows Rating "Cold" for "ada@example.com"
      And nothing that the cycle exchanged with Salesforce holds "Hot"

    @FLD-03 @FLD-02
    Scenario: A hidden custom field is never created in Marketo
      Given Salesforce has the Text field Lead.Secret__c with
        | access | hidden |
      And the person "ada@example.com" is in both systems
      When the Secret__c of "ada@example.com" becomes "classified" in Salesforce
      And a sync cycle runs
      Then Marketo has no field Secret__c
      And nothing that the cycle exchanged with Salesforce holds "classified"

    @FLD-03 @DIR-02
    Scenario: A hidden field of a Contact is not written
      Given the contact "grace@example.com" has Fax "555-0400" in both systems
      And the integration user may not see Contact.Fax
      When the Fax of "grace@example.com" becomes "555-0499" in Marketo
      And a sync cycle runs
      Then Salesforce shows Fax "555-0400" for "grace@example.com"
      And the cycle reports no refusal

    @FLD-03
    Scenario: Hidden on Lead says nothing about Contact
      Given the person "ada@example.com" has Fax "555-0400" in both systems
      And the contact "grace@example.com" has Fax "555-0400" in both systems
      And the integration user may not see Lead.Fax
      When the Fax of "ada@example.com" becomes "555-0499" in Marketo
      And the Fax of "grace@example.com" becomes "555-0499" in Marketo
      And a sync cycle runs
      Then Salesforce shows Fax "555-0400" for "ada@example.com"
      And Salesforce shows Fax "555-0499" for "grace@example.com"

    @FLD-03 @CON-05
    Scenario: The other fields of the person are not held up
      Given the person "ada@example.com" is in both systems with
        | Rating | Cold     |
        | Phone  | 555-0100 |
      And the integration user may not see Lead.Rating
      When "ada@example.com" changes in Marketo to
        | Rating | Hot      |
        | Phone  | 555-0199 |
      And a sync cycle runs
      Then Salesforce shows Rating "Cold" for "ada@example.com"
      And Salesforce shows Phone "555-0199" for "ada@example.com"

    @FLD-03 @SP-01
    Scenario: A flow action does not write a hidden field either
      Given the integration user may not see Lead.Rating
      And the person "ada@example.com" is created in Marketo with
        | Rating | Hot |
      When "ada@example.com" goes through the campaign "Sync Person to SFDC"
      Then Salesforce shows no Rating for "ada@example.com"

  Rule: A field that is hidden later stops where it is

    @FLD-13 @FLD-14
    Scenario: Marketo keeps the field and the value
      Given Salesforce has the Text field Lead.Region__c
      And the person "ada@example.com" is in both systems
      And the Region__c of "ada@example.com" becomes "North" in Salesforce
      When a sync cycle runs
      And the integration user may not see Lead.Region__c
      And the Region__c of "ada@example.com" becomes "South" in Salesforce
      And a sync cycle runs
      Then Marketo has the field Region__c
      And Marketo shows Region__c "North" for "ada@example.com"
      And the cycle reports no refusal
      And the cycle wrote nothing

    @FLD-14 @FLD-11
    Scenario: Made visible again, it takes part with the record's next update
      Given the person "ada@example.com" has Fax "555-0400" in both systems
      When the integration user may not see Lead.Fax
      And a sync cycle runs
      And the Fax of "ada@example.com" becomes "555-0499" in Salesforce
      And a sync cycle runs
      Then Marketo shows Fax "555-0400" for "ada@example.com"
      When the integration user may read and edit Lead.Fax
      And the Title of "ada@example.com" becomes "Director" in Salesforce
      And a sync cycle runs
      Then Marketo shows Fax "555-0499" for "ada@example.com"

  Rule: A field that may only be read flows from Salesforce only

    @FLD-12
    Scenario: A field the integration user may only read stays as it is
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      And the integration user may read but not edit Lead.Phone
      When the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And a sync cycle runs
      Then Salesforce shows Phone "555-0100" for "ada@example.com"
      And Marketo shows Phone "555-0199" for "ada@example.com"
      And the cycle reports no refusal
      And the cycle wrote nothing to Salesforce

    @FLD-12
    Scenario: A change in Salesforce arrives
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      And the integration user may read but not edit Lead.Phone
      When the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And a sync cycle runs
      Then both systems show Phone "555-0111" for "ada@example.com"

    @FLD-12
    Scenario: What Marketo changed alone gives way when Salesforce next changes the field
      Given the person "ada@example.com" has Phone "555-0100" in both systems
      And the integration user may read but not edit Lead.Phone
      When the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And a sync cycle runs
      And the Phone of "ada@example.com" becomes "555-0111" in Salesforce
      And a sync cycle runs
      Then both systems show Phone "555-0111" for "ada@example.com"

    @FLD-12 @DIR-02
    Scenario: A field of a Contact that may only be read stays as it is
      Given the contact "grace@example.com" has Title "Admiral" in both systems
      And the integration user may read but not edit Contact.Title
      When the Title of "grace@example.com" becomes "Professor" in Marketo
      And a sync cycle runs
      Then Salesforce shows Title "Admiral" for "grace@example.com"
      And the cycle reports no refusal

    @FLD-12 @FLD-02
    Scenario: A custom field that may only be read is created in Marketo and filled
      Given Salesforce has the Text field Lead.Region__c with
        | access | read |
      And the person "ada@example.com" is in both systems
      When the Region__c of "ada@example.com" becomes "North" in Salesforce
      And a sync cycle runs
      Then Marketo shows Region__c "North" for "ada@example.com"
