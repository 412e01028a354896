Feature: The sales team's rating stays in Salesforce

  Scenario: What marketing thinks of a lead does not overwrite the rating
    Given the person "ada@example.com" is in both systems
    And the Rating of "ada@example.com" becomes "Cold" in Salesforce
    When the Rating of "ada@example.com" becomes "Hot" in Marketo
    And a sync cycle runs
    Then Salesforce shows Rating "Cold" for "ada@example.com"
    And the cycle reports no refusal
