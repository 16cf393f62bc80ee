namespace RealRelationshipApi.Sessions;

/// <summary>Bodies that work when pressed in Swagger UI.</summary>
internal static class SessionExamples
{
    public const string One = """
        {
          "sourceSystem": "openemr-prod", "patient": "p-83f2", "therapist": "t-11", "episode": "e-1", "session": "enc-991",
          "sessionNumber": 3, "occurredAt": "2026-03-01T10:00:00+01:00",
          "measures": [
            { "sourceId": "obs-1", "version": 1, "status": "final", "instrument": "rri-c-sf", "rater": "client", "scale": "total", "score": 4.2 },
            { "sourceId": "obs-2", "version": 1, "status": "final", "instrument": "ors", "rater": "client", "items": [7.1, 6.0, 8.2, 7.7] }
          ]
        }
        """;

    public const string Lines = """
        {"sourceSystem":"openemr-prod","patient":"p-83f2","therapist":"t-11","session":"enc-992","sessionNumber":4,"occurredAt":"2026-03-08T10:00:00+01:00","measures":[{"sourceId":"obs-3","version":1,"status":"final","instrument":"rri-c-sf","rater":"client","score":4.4}]}
        {"sourceSystem":"openemr-prod","patient":"p-83f2","therapist":"t-11","session":"enc-993","sessionNumber":5,"occurredAt":"2026-03-15T10:00:00+01:00","measures":[{"sourceId":"obs-4","version":1,"status":"final","instrument":"rri-c-sf","rater":"client","score":4.5}]}
        """;

    public const string Search = """
        { "sourceSystem": "openemr-prod", "patient": "p-83f2" }
        """;

    public const string Erasure = """
        { "sourceSystem": "openemr-prod", "patient": "p-who-left" }
        """;
}
