namespace RealRelationshipApi.Studies;

/// <summary>Examples for Swagger UI that work with the demonstration data.</summary>
internal static class StudyExamples
{
    public const string ExistingKey = "illustration-01";
    public const string ReplaceableKey = "illustration-16";

    /// <summary>Real: N = 700 adults, client-rated, same session; the long and the short form of one inventory, so one sample with two effects.</summary>
    public const string Stefana2025 = """
        {
          "key": "stefana-2025",
          "citation": { "authors": "Stefana et al.", "year": 2025, "title": "Real Relationship Inventory–Client and session evaluation (PLOS ONE)" },
          "kind": "primary",
          "design": "concurrent",
          "country": "IT",
          "effects": [
            {
              "key": "rri24-ses", "sample": "stefana-2025-a", "statistic": { "type": "r", "value": 0.62, "n": 700 },
              "outcomeType": "sessionOutcome", "relationshipRater": "client", "outcomeRater": "client",
              "relationshipMeasure": "rri-c", "relationshipScale": "total", "outcomeMeasure": "ses", "outcomeDirection": "higherIsBetter",
              "level": "betweenClient", "timing": "concurrent", "relationshipReliability": 0.97
            },
            {
              "key": "rri12-ses", "sample": "stefana-2025-a", "statistic": { "type": "r", "value": 0.58, "n": 700 },
              "outcomeType": "sessionOutcome", "relationshipRater": "client", "outcomeRater": "client",
              "relationshipMeasure": "rri-c-12", "relationshipScale": "total", "outcomeMeasure": "ses", "outcomeDirection": "higherIsBetter",
              "level": "betweenClient", "timing": "concurrent", "relationshipReliability": 0.95
            }
          ]
        }
        """;

    /// <summary>The current content of a demonstration study: replacing it changes nothing.</summary>
    public const string Replacement = """
        {
          "key": "illustration-16",
          "kind": "primary",
          "synthetic": true,
          "citation": { "authors": "Synthetic illustration", "year": 2015, "title": "Illustration 16 (synthetic, not a real study)" },
          "effects": [
            {
              "key": "e1", "sample": "illustration-16", "statistic": { "type": "r", "value": 0.592, "n": 49 },
              "outcomeType": "treatmentProgress", "relationshipRater": "therapist", "outcomeRater": "therapist",
              "relationshipMeasure": "RRI-T", "outcomeMeasure": "COM", "outcomeDirection": "higherIsBetter", "level": "betweenClient"
            }
          ]
        }
        """;

    public const string Batch = $"[\n{BatchNdjson}\n]";

    public const string BatchNdjson =
        """{"key":"example-01","kind":"primary","synthetic":true,"citation":{"authors":"Synthetic example","year":2024,"title":"Example 01 (synthetic, not a real study)"},"effects":[{"key":"e1","sample":"example-01","statistic":{"type":"t","value":3,"df":58},"outcomeType":"treatmentOutcome","relationshipRater":"client","outcomeRater":"client","relationshipMeasure":"rri-c","outcomeMeasure":"phq-9","outcomeDirection":"higherIsBetter","level":"betweenClient"}]}""";

    public const string BatchCsv = """
        study,key,sample,citation.authors,citation.year,citation.title,kind,synthetic,statistic.type,statistic.value,statistic.n,outcomeType,relationshipRater,outcomeRater,relationshipMeasure,outcomeMeasure,outcomeDirection,level
        example-02,e1,example-02,Synthetic example,2024,"Example 02 (synthetic, not a real study)",primary,true,r,0.31,84,sessionOutcome,client,client,rri-c-sf,srs,higherIsBetter,betweenClient
        """;
}
