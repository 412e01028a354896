@SEED-6 @SEED-7
Feature: Which fields take part
  Not every standard field syncs. Every custom field that the integration user sees can take part.

  Rule: Every custom field can take part

    @FLD-02 @FLD-10 @MAP-10
    Scenario: A new custom field of Salesforce appears in Marketo under its API name
      Given the person "ada@example.com" is in both systems
      And Salesforce has the Text field Lead.Region__c
      When a sync cycle runs
      Then Marketo has the field Region__c

    @FLD-02 @DIR-01
    Scenario Outline: A custom <type> field of a Lead travels both ways
      Given Salesforce has the <type> field Lead.Extra__c
      And the person "ada@example.com" is in both systems
      When the Extra__c of "ada@example.com" becomes "<first>" in Salesforce
      And a sync cycle runs
      Then both systems show Extra__c "<first>" for "ada@example.com"
      When the Extra__c of "ada@example.com" becomes "<second>" in Marketo
      And a sync cycle runs
      Then both systems show Extra__c "<second>" for "ada@example.com"

      @TYP-01
      Examples:
        | type     | first      | second     |
        | Text     | North      | South      |

      @TYP-05
      Examples:
        | type     | first      | second     |
        | Number   | 7          | 42         |

      @TYP-07
      Examples:
        | type     | first      | second     |
        | Currency | 100        | 250        |

      @TYP-09
      Examples:
        | type     | first      | second     |
        | Checkbox | true       | false      |

      @TYP-10 @VAL-16
      Examples:
        | type     | first      | second     |
        | Date     | 2026-01-31 | 2026-02-28 |

      @TYP-13
      Examples:
        | type     | first      | second     |
        | Phone    | 555-0500   | 555-0599   |

    @VAL-07 @TYP-09
    Scenario: A checkbox that Marketo has just met takes what Salesforce has
      Given the person "ada@example.com" is in both systems
      And Salesforce has the Checkbox field Lead.Demo_Requested__c
      When the Demo_Requested__c of "ada@example.com" becomes "true" in Salesforce
      And a sync cycle runs
      Then both systems show Demo_Requested__c "true" for "ada@example.com"
      And the cycle reports no conflict

    @FLD-02 @TYP-02
    Scenario: A custom picklist travels both ways
      Given Salesforce has the Picklist field Lead.Region__c with
        | values | North, South |
      And the person "ada@example.com" is in both systems
      When the Region__c of "ada@example.com" becomes "North" in Salesforce
      And a sync cycle runs
      Then Marketo shows Region__c "North" for "ada@example.com"
      When the Region__c of "ada@example.com" becomes "South" in Marketo
      And a sync cycle runs
      Then Salesforce shows Region__c "South" for "ada@example.com"

    @FLD-02 @DIR-02
    Scenario: A custom field of a Contact travels both ways
      Given Salesforce has the Text field Contact.Region__c
      And the contact "grace@example.com" is in both systems
      When the Region__c of "grace@example.com" becomes "North" in Salesforce
      And a sync cycle runs
      Then both systems show Region__c "North" for "grace@example.com"
      When the Region__c of "grace@example.com" becomes "South" in Marketo
      And a sync cycle runs
      Then both systems show Region__c "South" for "grace@example.com"

    @MAP-06
    Scenario: The same custom field on Lead and Contact is one field in Marketo
      Given Salesforce has the Text field Lead.Region__c
      And Salesforce has the Text field Contact.Region__c
      And the person "ada@example.com" is in both systems
      And the contact "grace@example.com" is in both systems
      When the Region__c of "ada@example.com" becomes "North" in Salesforce
      And the Region__c of "grace@example.com" becomes "South" in Salesforce
      And a sync cycle runs
      Then Marketo shows Region__c "North" for "ada@example.com"
      And Marketo shows Region__c "South" for "grace@example.com"

    @FLD-11
    Scenario: Values that stood in Salesforce before Marketo knew the field arrive with the record's next update
      Given Salesforce has the Text field Lead.Region__c with
        | access | hidden |
      And these people are in both systems
        | Email           | Region__c | Title    |
        | ada@example.com | North     | Engineer |
        | bob@example.com | South     | Engineer |
      When 20 minutes pass
      And the Title of "bob@example.com" becomes "Manager" in Salesforce
      And a sync cycle runs
      And the integration user may read and edit Lead.Region__c
      And the Title of "bob@example.com" becomes "Director" in Salesforce
      And 2 sync cycles run
      Then Marketo shows Region__c "South" for "bob@example.com"
      And Marketo shows no Region__c for "ada@example.com"
      When the Title of "ada@example.com" becomes "Director" in Salesforce
      And a sync cycle runs
      Then Marketo shows Region__c "North" for "ada@example.com"

    @FLD-33
    Scenario: A formula field arrives as a value and is never written
      Given Salesforce has the Text field Lead.Greeting__c with
        | formula | "Dear " & FirstName |
      And the person "ada@example.com" has FirstName "Ada" in both systems
      When the FirstName of "ada@example.com" becomes "Augusta" in Salesforce
      And a sync cycle runs
      Then Marketo shows Greeting__c "Dear Augusta" for "ada@example.com"
      When the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And a sync cycle runs
      Then the cycle wrote to Salesforce without naming "Greeting__c"
      And the cycle reports no refusal

  Rule: Not every standard field takes part

    @FLD-01 @FLD-04
    Scenario Outline: The standard field <field> does not become a field of Marketo
      Given the person "ada@example.com" is in both systems
      When a sync cycle runs
      Then Marketo has no field <field>

      Examples:
        | field            |
        | CreatedById      |
        | LastModifiedById |
        | LastModifiedDate |
        | SystemModstamp   |
        | MasterRecordId   |
        | LastActivityDate |

    @FLD-08
    Scenario: A field that only Marketo has stays in Marketo
      Given the person "ada@example.com" is in both systems
      When the middleName of "ada@example.com" becomes "Byron" in Marketo
      And a sync cycle runs
      Then the cycle wrote nothing
