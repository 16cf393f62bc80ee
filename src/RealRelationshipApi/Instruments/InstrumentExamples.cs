namespace RealRelationshipApi.Instruments;

/// <summary>A body and a code with which the operations answer when pressed.</summary>
internal static class InstrumentExamples
{
    public const string ExistingCode = "phq-9";

    /// <summary>An invented form: five items, of which the second is turned round, and one of which may be missing.</summary>
    public const string OwnInstrument = """
        {
          "code": "clinic-wellbeing",
          "name": "Wellbeing, five items (example)",
          "construct": "treatmentOutcome",
          "raters": ["client"],
          "direction": "better",
          "items": { "count": 5, "minimum": 0, "maximum": 4 },
          "reversed": [2],
          "scales": [{ "name": "total", "aggregation": "sum" }],
          "missing": { "rule": "prorate", "atMost": 1 },
          "codings": [{ "system": "https://clinic.example/scores", "code": "wellbeing" }]
        }
        """;
}
