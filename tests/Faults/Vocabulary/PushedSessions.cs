using System.Globalization;
using System.Net;
using System.Text;

namespace Faults.Vocabulary;

/// <summary>Invented sessions with two scores each, ten to a patient.</summary>
internal static class SentSessions
{
    public const int Scores = 2;
    public const int OfPatient = 10;
    private const int Therapists = 20;

    /// <summary>The session of a number, whose scores follow from it.</summary>
    public static string Json(string prefix, int number) => Json($"{prefix}{number / OfPatient}", (number % OfPatient) + 1, number);

    private static string Json(string patient, int session, int seed) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"sourceSystem":"growth","patient":"{{patient}}","therapist":"t{{seed / OfPatient % Therapists}}","session":"{{patient}}.{{session}}","sessionNumber":{{session}},"occurredAt":"2025-01-01T10:00:00Z","measures":[{"sourceId":"{{patient}}.{{session}}.x","version":1,"status":"final","instrument":"rri-c","rater":"client","score":{{1 + seed * 7L % 40 / 10.0}}},{"sourceId":"{{patient}}.{{session}}.y","version":1,"status":"final","instrument":"srs","rater":"client","score":{{seed * 11L % 40}}}]}
        """);
}

/// <summary>Sessions as NDJSON, written as they are sent, so that the sender holds no more than the service.</summary>
internal sealed class PushedSessions : HttpContent
{
    private readonly string _prefix;
    private readonly int _from;
    private readonly int _to;

    /// <param name="prefix">How the keys of their patients begin.</param>
    /// <param name="from">The number of the first.</param>
    /// <param name="to">The number after the last.</param>
    public PushedSessions(string prefix, int from, int to)
    {
        (_prefix, _from, _to) = (prefix, from, to);
        Headers.ContentType = new("application/x-ndjson");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var i = _from; i < _to; i++)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(SentSessions.Json(_prefix, i) + "\n"));
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
