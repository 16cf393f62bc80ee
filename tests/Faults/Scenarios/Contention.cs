using System.Collections.Concurrent;
using System.Net;
using System.Text;

using Faults.Support;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Posts one study a hundred times concurrently to two services on one PostgreSQL: with one Idempotency-Key, with only the key of the study,
/// and with different content each time.</summary>
internal static class Contention
{
    private const int Posts = 100;
    private const int ConcurrentKeys = 2;
    private const int Ways = 3;

    private enum PostVariant { SameIdempotencyKey, SameStudy, DifferentContents }

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var keys = run.Scaled(60, 10_000);
        await using var server = await KillablePostgres.StartNewAsync();
        await using var one = ServiceProcess.Spawn(server.Settings);
        using var ofOne = await one.CreateClientAsync();
        await using var other = ServiceProcess.Spawn(server.Settings);
        using var ofOther = await other.CreateClientAsync();
        var violations = new ConcurrentQueue<string>();
        var done = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, keys), new ParallelOptions { MaxDegreeOfParallelism = ConcurrentKeys }, async (key, _) =>
        {
            var way = (PostVariant)(key % Ways);
            var answers = await Task.WhenAll(Enumerable.Range(0, Posts).Select(post => PostAsync(post % 2 == 0 ? ofOne : ofOther, key, way, post)));
            if (ErrorIn(answers, way) is { } error)
            {
                violations.Enqueue($"key-{key}, {way}: {error}");
            }

            if (Interlocked.Increment(ref done) % 500 == 0)
            {
                run.Log($"{done} keys, {violations.Count} violations");
            }
        });

        var studies = StoreInspection.ReadStudies(server.Settings);
        if (studies.Count != keys || studies.Any(s => s.Version != 1))
        {
            violations.Enqueue($"{keys} keys made {studies.Count} studies with {studies.Sum(s => s.Version)} versions");
        }

        return new($"{keys:N0} keys, each posted {Posts} times at once to 2 services on PostgreSQL", $"{violations.Count} doubled or answered otherwise",
            [.. violations]);
    }

    private static async Task<PostResult> PostAsync(HttpClient http, int key, PostVariant way, int post)
    {
        var sent = new GeneratedStudy($"key-{key}").Json();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/studies")
        {
            Content =
                new StringContent(way == PostVariant.DifferentContents ? sent.Replace("\"A study\"", $"\"Study {post}\"", StringComparison.Ordinal) : sent,
                    Encoding.UTF8, "application/json"),
        };
        if (way == PostVariant.SameIdempotencyKey)
        {
            request.Headers.Add("Idempotency-Key", $"key-{key}");
        }

        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        return new(response.StatusCode, response.Headers.Contains("Idempotent-Replayed"), response.Headers.RetryAfter is not null);
    }

    /// <summary>Exactly one request created the study; the responses to the others depend on the variant.</summary>
    private static string? ErrorIn(PostResult[] answers, PostVariant way)
    {
        var made = answers.Count(a => a is { Status: HttpStatusCode.Created, IsReplayed: false });
        var strange = answers.Where(a => a is not { Status: HttpStatusCode.Created, IsReplayed: false } && !way.Allows(a)).Select(a => a.Status).Distinct();
        return made == 1 && !strange.Any() ? null : $"made {made} times; other answers: {string.Join(", ", strange)}";
    }

    private static bool Allows(this PostVariant way, PostResult answer) => way switch
    {
        PostVariant.SameIdempotencyKey => answer is { Status: HttpStatusCode.Created, IsReplayed: true } or { Status: HttpStatusCode.Conflict, MayRetry: true },
        PostVariant.SameStudy => answer.Status == HttpStatusCode.OK,
        _ => answer.Status == HttpStatusCode.Conflict,
    };

    private sealed record PostResult(HttpStatusCode Status, bool IsReplayed, bool MayRetry);
}
