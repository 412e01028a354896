@SEED-2
Feature: Changes of Leads and Contacts go both ways
  An update in either system appears in the other after one cycle. A Lead or Contact created in Salesforce becomes a
  person in Marketo; a person created in Marketo does not become a Lead by itself.

  Rule: An update of one side appears on the other

    @DIR-01 @MAP-01
    Scenario Outline: A Lead's field edited in Marketo arrives in Salesforce
      Given the person "ada@example.com" has <field> "<before>" in both systems
      When the <field> of "ada@example.com" becomes "<after>" in Marketo
      And a sync cycle runs
      Then both systems show <field> "<after>" for "ada@example.com"
      And the cycle reports no refusal

      Examples:
        | field             | before       | after               |
        | Phone             | 555-0100     | 555-0199            |
        | FirstName         | Ada          | Augusta             |
        | Title             | Engineer     | Director            |
        | Company           | Acme         | Analytical Engines  |
        | City              | London       | Oslo                |
        | Website           | acme.test    | engines.test        |
        | Rating            | Cold         | Hot                 |
        | LeadSource        | Web          | Other               |
        | NumberOfEmployees | 10           | 25                  |

    @DIR-01 @MAP-01
    Scenario Outline: A Lead's field edited in Salesforce arrives in Marketo
      Given the person "ada@example.com" has <field> "<before>" in both systems
      When the <field> of "ada@example.com" becomes "<after>" in Salesforce
      And a sync cycle runs
      Then both systems show <field> "<after>" for "ada@example.com"
      And the cycle wrote nothing to Salesforce

      Examples:
        | field         | before                | after                |
        | Phone         | 555-0100              | 555-0199             |
        | LastName      | Lovelace              | King                 |
        | MobilePhone   | 555-0300              | 555-0399             |
        | Company       | Acme                  | Analytical Engines   |
        | Country       | Norway                | Sweden               |
        | Industry      | Banking               | Education            |
        | Status        | Open - Not Contacted  | Working - Contacted  |
        | AnnualRevenue | 1000                  | 2500                 |
        | Description   | Met at the fair.      | Wants a call.        |

    @DIR-02 @MAP-02
    Scenario Outline: A Contact's field edited in Marketo arrives in Salesforce
      Given the contact "grace@example.com" has <field> "<before>" in both systems
      When the <field> of "grace@example.com" becomes "<after>" in Marketo
      And a sync cycle runs
      Then both systems show <field> "<after>" for "grace@example.com"

      Examples:
        | field     | before     | after      |
        | Phone     | 555-0100   | 555-0199   |
        | Title     | Admiral    | Professor  |
        | City      | New York   | Arlington  |

    @DIR-02 @MAP-02
    Scenario Outline: A Contact's field edited in Salesforce arrives in Marketo
      Given the contact "grace@example.com" has <field> "<before>" in both systems
      When the <field> of "grace@example.com" becomes "<after>" in Salesforce
      And a sync cycle runs
      Then both systems show <field> "<after>" for "grace@example.com"

      Examples:
        | field     | before     | after      |
        | FirstName | Grace      | Amazing    |
        | Fax       | 555-0400   | 555-0499   |
        | Country   | Norway     | Sweden     |

    @DIR-01 @CON-07
    Scenario: Different fields of one person travel in both directions in one cycle
      Given the person "ada@example.com" is in both systems with
        | Phone | 555-0100 |
        | Title | Engineer |
      When the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And the Title of "ada@example.com" becomes "Director" in Salesforce
      And a sync cycle runs
      Then both systems show for "ada@example.com"
        | Phone | 555-0199 |
        | Title | Director |
      And the cycle reports no conflict

    @VAL-06 @VAL-05
    Scenario: A value emptied in Marketo is emptied in Salesforce
      Given the person "ada@example.com" has Title "Engineer" in both systems
      When the Title of "ada@example.com" is cleared in Marketo
      And a sync cycle runs
      Then Salesforce shows no Title for "ada@example.com"
      And Marketo shows no Title for "ada@example.com"

    @VAL-06
    Scenario: A value emptied in Salesforce is emptied in Marketo
      Given the person "ada@example.com" has MobilePhone "555-0300" in both systems
      When the MobilePhone of "ada@example.com" is cleared in Salesforce
      And a sync cycle runs
      Then Marketo shows no MobilePhone for "ada@example.com"
      And the activity log of "ada@example.com" shows that MobilePhone changed from "555-0300" to ""

    @VAL-12
    Scenario: Opting out in Salesforce unsubscribes the person, and the other way round
      Given the person "ada@example.com" is in both systems
      And the person "bob@example.com" is in both systems
      When the HasOptedOutOfEmail of "ada@example.com" becomes "true" in Salesforce
      And the HasOptedOutOfEmail of "bob@example.com" becomes "true" in Marketo
      And a sync cycle runs
      Then Marketo shows HasOptedOutOfEmail "true" for "ada@example.com"
      And Salesforce shows HasOptedOutOfEmail "true" for "bob@example.com"

    @SP-27
    Scenario: A changed e-mail address is a changed field, not another person
      Given the person "ada@example.com" is in both systems
      When the e-mail address of "ada@example.com" becomes "augusta@example.com" in Marketo
      And a sync cycle runs
      Then Salesforce has one Lead "augusta@example.com"
      And Salesforce has no record for "ada@example.com"
      And Marketo knows "augusta@example.com" as a Lead of Salesforce

    @DIR-01
    Scenario: Many people change at once
      Given these people are in both systems
        | Email             | Phone    |
        | ada@example.com   | 555-0001 |
        | bob@example.com   | 555-0002 |
        | cora@example.com  | 555-0003 |
      When these people change in Marketo
        | Email             | Phone    |
        | ada@example.com   | 555-0101 |
        | cora@example.com  | 555-0103 |
      And the Phone of "bob@example.com" becomes "555-0102" in Salesforce
      And a sync cycle runs
      Then both systems show Phone "555-0101" for "ada@example.com"
      And both systems show Phone "555-0102" for "bob@example.com"
      And both systems show Phone "555-0103" for "cora@example.com"

  Rule: Who is created in Salesforce becomes a person in Marketo

    @DIR-16 @FLD-30 @FLD-31
    Scenario: A new Lead becomes a person that knows its Lead
      Given the Lead "ada@example.com" is created in Salesforce with
        | FirstName | Ada      |
        | LastName  | Lovelace |
        | Phone     | 555-0100 |
      When a sync cycle runs
      Then both systems show for "ada@example.com"
        | FirstName | Ada      |
        | LastName  | Lovelace |
        | Phone     | 555-0100 |
      And Marketo knows "ada@example.com" as a Lead of Salesforce
      And the activity log of "ada@example.com" shows "New Lead"

    @DIR-16 @FLD-30
    Scenario: A new Contact becomes a person that knows its Contact
      Given the Contact "grace@example.com" is created in Salesforce with
        | FirstName | Grace    |
        | City      | New York |
      When a sync cycle runs
      Then both systems show City "New York" for "grace@example.com"
      And Marketo knows "grace@example.com" as a Contact of Salesforce

    @MAP-03 @MAP-05
    Scenario: A Contact's company is the name of its Account
      Given the Contact "grace@example.com" is created in Salesforce with
        | Company | Analytical Engines |
      When a sync cycle runs
      Then Marketo shows Company "Analytical Engines" for "grace@example.com"

    @CYC-15 @SP-23
    Scenario: Two Leads with one address become two persons
      Given the Lead "twin@example.com" is created in Salesforce
      And the Lead "twin@example.com" is created in Salesforce
      When a sync cycle runs
      Then Marketo has 2 persons "twin@example.com"

    @SP-22
    Scenario: A new Lead is not matched by its address with a person that Marketo has already
      Given the person "ada@example.com" is created in Marketo
      And the Lead "ada@example.com" is created in Salesforce
      When a sync cycle runs
      Then Marketo has 2 persons "ada@example.com"
      And Salesforce has one Lead "ada@example.com"

    @VAL-12
    Scenario: Who is created as opted out arrives unsubscribed
      Given the Lead "ada@example.com" is created in Salesforce with
        | HasOptedOutOfEmail | true |
      When a sync cycle runs
      Then Marketo shows HasOptedOutOfEmail "true" for "ada@example.com"

  Rule: Who is created in Marketo stays there until somebody sends them to Salesforce

    @DIR-17 @SP-12
    Scenario: A new person does not become a Lead by itself
      Given the person "ada@example.com" is created in Marketo
      When 2 sync cycles run
      Then Salesforce has no record for "ada@example.com"
      And Marketo knows no Salesforce record of "ada@example.com"

    @DIR-17
    Scenario: Editing the person does not make a Lead either
      Given the person "ada@example.com" is created in Marketo
      When a sync cycle runs
      And the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And a sync cycle runs
      Then Salesforce has no record for "ada@example.com"
      And the cycle wrote nothing

    @DIR-18
    Scenario: Once a person has a Lead, later edits follow by themselves
      Given the person "ada@example.com" is created in Marketo
      And "ada@example.com" is synced to Salesforce by hand
      When the Phone of "ada@example.com" becomes "555-0199" in Marketo
      And a sync cycle runs
      Then Salesforce shows Phone "555-0199" for "ada@example.com"
