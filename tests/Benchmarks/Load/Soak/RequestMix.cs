using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

using RealRelationship.Testing.Traffic;

namespace Benchmarks.Load.Soak;

/// <summary>Typical requests of portals, readers and clinics in fixed proportions. One request in a thousand adds a study, which the queries exclude.</summary>
/// <remarks>Excludes <c>/associations</c>, whose duration depends on the number of patients at that time; <c>scale</c> measures it.</remarks>
internal static class RequestMix
{
    public const string Description = "40 % questions asked before, 15 % with `If-None-Match`, 10 % new questions, 10 % `POST /meta/pool` (k = 16), 5 % lists "
        + "of studies, 15 % new sessions, 4 % studies sent again, 0.9 % lists of sessions, 0.1 % new studies";

    private const int StoredStudies = 16;
    private const int Stride = 371; // coprime to a thousand, so that each thousand contains all kinds, spread evenly
    private static readonly string[] s_popularPaths =
        [.. new[] { "", "&test=z", "&estimator=dl", "&estimator=pm", "&confidence=0.9", "&prediction=riley", "&equivalence=0.1",
            "&estimator=ml" }.Select(option => $"{AnalysisRequests.Pool}?yearTo=2000{option}")];

    /// <summary>Stores what the questions are about.</summary>
    public static async Task<RequestSource> CreateAsync(BenchmarkServer server)
    {
        await BatchUpload.UploadStudiesAsync(server, "stored", StoredStudies);
        // As of a revision, so that its tag stays.
        var dated = $"{AnalysisRequests.Pool}?asOf={StoredStudies}";
        var conditional = AnalysisRequests.Conditional(dated, AnalysisRequests.ReadETag(server.SendOnce(RawHttpRequest.Get(dated), 200).Head));
        var calculated = AnalysisRequests.WithInlineEffects(AnalysisRequests.Pool, GeneratedEffects.Generate(StoredStudies), AnalysisRequests.Independent);
        byte[][] popular = [.. s_popularPaths.Select(path => RawHttpRequest.Get(path))];
        var (studies, sessions) = (RawHttpRequest.Get("/studies?limit=20"), RawHttpRequest.Get("/sessions?limit=20"));
        byte[][] again =
            [.. Enumerable.Range(0, StoredStudies).Select(i => RawHttpRequest.Post("/studies", RawHttpRequest.Json, StudyRequests.Json($"stored-{i}")))];
        return RequestSource.Numbered(i => (i * Stride % 1_000) switch
        {
            < 400 => popular[i % popular.Length],
            < 550 => conditional,
            < 650 => RawHttpRequest.Get($"{s_popularPaths[0]}&exclude=none-{i}"),
            < 750 => calculated,
            < 800 => studies,
            < 950 => RawHttpRequest.Post("/sessions", RawHttpRequest.Json, GeneratedSessions.Json("soak-", (int)i)),
            < 990 => again[i % StoredStudies],
            < 999 => sessions,
            _ => RawHttpRequest.Post("/studies", RawHttpRequest.Json, StudyRequests.Json($"new-{i}", StudyRequests.NewYear)),
        }, 200, 201, 304);
    }
}
