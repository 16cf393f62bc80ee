namespace RealRelationshipApi.Analyses;

/// <summary>Bodies with which the analyses answer when pressed.</summary>
internal static class AnalysisExamples
{
    public const string Pool = """
        {
          "effects": [
            { "id": "a", "r": 0.45, "n": 88 },
            { "id": "b", "r": 0.31, "n": 120 },
            { "id": "c", "r": 0.52, "n": 64 },
            { "id": "d", "r": 0.28, "n": 143 }
          ],
          "model": { "estimator": "reml", "test": "knappHartungAdHoc" }
        }
        """;

    public const string Moderators = """
        {
          "by": ["rater"],
          "effects": [
            { "id": "a", "r": 0.45, "n": 88, "moderators": { "rater": "client" } },
            { "id": "b", "r": 0.31, "n": 120, "moderators": { "rater": "client" } },
            { "id": "c", "r": 0.52, "n": 64, "moderators": { "rater": "therapist" } },
            { "id": "d", "r": 0.28, "n": 143, "moderators": { "rater": "therapist" } }
          ]
        }
        """;

    public const string Regression = """
        {
          "terms": ["rater", "meanAge"],
          "effects": [
            { "id": "a", "r": 0.45, "n": 88, "moderators": { "rater": "client", "meanAge": 31.5 } },
            { "id": "b", "r": 0.31, "n": 120, "moderators": { "rater": "client", "meanAge": 38 } },
            { "id": "c", "r": 0.52, "n": 64, "moderators": { "rater": "therapist", "meanAge": 29.2 } },
            { "id": "d", "r": 0.28, "n": 143, "moderators": { "rater": "therapist", "meanAge": 44 } },
            { "id": "e", "r": 0.36, "n": 95, "moderators": { "rater": "therapist", "meanAge": 35.1 } }
          ]
        }
        """;

    public const string Bias = """
        {
          "effects": [
            { "id": "a", "r": 0.45, "n": 88 }, { "id": "b", "r": 0.31, "n": 120 }, { "id": "c", "r": 0.52, "n": 64 }, { "id": "d", "r": 0.28, "n": 143 },
            { "id": "e", "r": 0.36, "n": 95 }, { "id": "f", "r": 0.58, "n": 41 }, { "id": "g", "r": 0.22, "n": 180 }, { "id": "h", "r": 0.41, "n": 77 },
            { "id": "i", "r": 0.49, "n": 52 }, { "id": "j", "r": 0.33, "n": 110 }
          ]
        }
        """;

    public const string Forest = """
        {
          "by": "rater",
          "effects": [
            { "study": "Ada & Berg", "year": 2009, "r": 0.45, "n": 88, "moderators": { "rater": "client" } },
            { "study": "Cole", "year": 2012, "r": 0.31, "n": 120, "moderators": { "rater": "client" } },
            { "study": "Diaz et al.", "year": 2016, "r": 0.52, "n": 64, "moderators": { "rater": "therapist" } },
            { "study": "Ek", "year": 2021, "r": 0.28, "n": 143, "moderators": { "rater": "therapist" } }
          ]
        }
        """;

    public const string Changes = """{ "from": 16, "to": 20, "filter": { "outcomeType": ["treatmentOutcome", "sessionOutcome"] }, "model": { "test": "z" } }""";

    public const string Convert = """{ "type": "t", "value": 3, "df": 58 }""";
}
