using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Support;

/// <summary>Sessions as an EHR sends them: <c>Messages.Session("p1", 3, Messages.Measure("p1-3-x", "rri-c-sf", 4.2))</c>.</summary>
internal static class SessionTestData
{
    public const string SourceSystem = "ehr";

    private static readonly int[] s_digits = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3];

    /// <summary>The nth session of a patient, a week after the one before.</summary>
    public static JsonObject Session(string patient, int number, params JsonObject[] measures) => Session(patient, "t1", number, measures);

    public static JsonObject Session(string patient, string? therapist, int number, params JsonObject[] measures)
    {
        var session = new JsonObject
        {
            ["sourceSystem"] = SourceSystem,
            ["patient"] = patient,
            ["session"] = $"{patient}.s{number}",
            ["sessionNumber"] = number,
            ["occurredAt"] = new DateTimeOffset(2025, 1, 6, 10, 0, 0, TimeSpan.FromHours(1)).AddDays(7 * number).ToString("yyyy-MM-ddTHH:mm:sszzz", null),
            ["measures"] = new JsonArray([.. measures.Select(m => m.DeepClone())]),
        };
        if (therapist is not null)
        {
            session["therapist"] = therapist;
        }

        return session;
    }

    public static JsonObject Measure(string sourceId, string instrument, double score, string rater = "client", int version = 1, string status = "final") =>
        new()
        {
            ["sourceId"] = sourceId, ["version"] = version, ["status"] = status, ["instrument"] = instrument, ["rater"] = rater, ["score"] = score,
        };

    /// <summary>A withdrawal of a measure, without other members.</summary>
    public static JsonObject EnteredInError(string sourceId, int version = 1) => new()
    {
        ["sourceSystem"] = SourceSystem,
        ["measures"] = new JsonArray(new JsonObject { ["sourceId"] = sourceId, ["version"] = version, ["status"] = "enteredInError" }),
    };

    /// <summary>A relationship and an outcome of one session: the pair of numbers that stage 1 rests on.</summary>
    /// <param name="patient">Key of the patient.</param>
    /// <param name="therapist">Key of the therapist; null for an unknown one.</param>
    /// <param name="number">Number of the session.</param>
    /// <param name="relationship">Mean of rri-c-sf, from 1 to 5.</param>
    /// <param name="outcome">From 0 to 40; for <c>ses</c> it is sent on the scale from 1 to 5.</param>
    /// <param name="instrument">Instrument of the outcome.</param>
    public static JsonObject RelationshipAndOutcome(string patient, string? therapist, int number, double relationship, double outcome,
        string instrument = "ses") =>
        Session(patient, therapist, number, Measure($"{patient}.{number}.x", "rri-c-sf", relationship),
            Measure($"{patient}.{number}.y", instrument, instrument == "ses" ? 1 + (outcome / 10) : outcome));

    /// <summary>A digit from 1 to 9 that varies from patient to patient without a pattern.</summary>
    public static int Digit(int patient) => s_digits[patient % s_digits.Length];

    /// <summary>A score from 1.3 to 3.7 that varies likewise.</summary>
    public static double Level(int patient) => 1 + (0.3 * Digit(patient));

    public static Task<ServiceResponse> PostSessions(this Service service, params JsonObject[] sessions) =>
        service.Post("/sessions", sessions.Length == 1 ? sessions[0] : new JsonArray([.. sessions.Select(s => s.DeepClone())]));

    public static string ToNdjson(IEnumerable<JsonObject> sessions) => string.Concat(sessions.Select(s => s.ToJsonString() + "\n"));

    /// <summary>The associations of the own site.</summary>
    public static async Task<JsonArray> GetAssociations(this Service service, string query = "") => (await service.Get("/associations" + query)).ShouldBe(200)
        .At("associations")!.AsArray();

    /// <summary>The one of a level and a basis; a failure where there is none or several.</summary>
    public static JsonNode SingleAssociation(this JsonArray associations, string level, string basis, string outcome = "ses") => associations.Single(a =>
        a.At("level")!.GetValue<string>() == level && a.At("basis")!.GetValue<string>() == basis && a.At("outcomeInstrument")!.GetValue<string>() == outcome
        && a.At("adjustedFor")!.AsArray().All(n => n!.GetValue<string>() is "sessionNumber" or "preScore"))!;
}
