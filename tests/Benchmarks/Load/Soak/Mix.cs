using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

using Faults.Vocabulary;

namespace Benchmarks.Load.Soak;

/// <summary>What a day of portals, readers and clinics asks, in fixed shares. The evidence grows by one study in a thousand requests, and the questions leave it out.</summary>
/// <remarks><c>/associations</c> is not among them: it reads every patient of the site, so that its time says how many there are by then. <c>scale</c> shows it.</remarks>
internal static class Mix
{
    public const string Words = "40 % questions asked before, 15 % with `If-None-Match`, 10 % new questions, 10 % `POST /meta/pool` (k = 16), 5 % lists of studies, 15 % new sessions, 4 % studies sent again, 0.9 % lists of sessions, 0.1 % new studies";

    private const int Stored = 16;
    private const int Stride = 371; // without a common divisor with a thousand, so that each thousand holds every kind, spread
    private static readonly string[] s_popular = [.. new[] { "", "&test=z", "&estimator=dl", "&estimator=pm", "&confidence=0.9", "&prediction=riley", "&equivalence=0.1", "&estimator=ml" }.Select(option => $"{Questions.Pool}?yearTo=2000{option}")];

    /// <summary>Stores what the questions are about.</summary>
    public static async Task<Asking> OverAsync(Server server)
    {
        await Batch.StudiesAsync(server, "stored", Stored);
        // As of a revision, so that its tag stays.
        var dated = $"{Questions.Pool}?asOf={Stored}";
        var conditional = Questions.Conditional(dated, Questions.ETagIn(server.Once(Message.Get(dated), 200).Head));
        var calculated = Questions.Of(Questions.Pool, Evidence.Of(Stored), Questions.Independent);
        byte[][] popular = [.. s_popular.Select(path => Message.Get(path))];
        var (studies, sessions) = (Message.Get("/studies?limit=20"), Message.Get("/sessions?limit=20"));
        byte[][] again = [.. Enumerable.Range(0, Stored).Select(i => Message.Post("/studies", Message.Json, Studies.Json($"stored-{i}")))];
        return Asking.Each(i => (i * Stride % 1_000) switch
        {
            < 400 => popular[i % popular.Length],
            < 550 => conditional,
            < 650 => Message.Get($"{s_popular[0]}&exclude=none-{i}"),
            < 750 => calculated,
            < 800 => studies,
            < 950 => Message.Post("/sessions", Message.Json, SentSessions.Json("soak-", (int)i)),
            < 990 => again[i % Stored],
            < 999 => sessions,
            _ => Message.Post("/studies", Message.Json, Studies.Json($"new-{i}", Studies.NewYear)),
        }, 200, 201, 304);
    }
}
