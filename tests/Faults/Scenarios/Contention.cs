using System.Collections.Concurrent;
using System.Net;
using System.Text;

using Faults.Vocabulary;

namespace Faults.Scenarios;

/// <summary>One study posted a hundred times at once to two services on one PostgreSQL: under one Idempotency-Key, under its own key alone, and with other content each time.</summary>
internal static class Contention
{
    private const int Posts = 100;
    private const int KeysAtOnce = 2;
    private const int Ways = 3;

    private enum Way { OneRequest, OneStudy, OtherContents }

    public static async Task<Finding> RunAsync(Run run)
    {
        var keys = run.Count(60, 10_000);
        await using var server = await PostgresServer.StartNewAsync();
        await using var one = ServiceProcess.Spawn(server.Settings);
        using var ofOne = await one.ClientAsync();
        await using var other = ServiceProcess.Spawn(server.Settings);
        using var ofOther = await other.ClientAsync();
        var violations = new ConcurrentQueue<string>();
        var done = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, keys), new ParallelOptions { MaxDegreeOfParallelism = KeysAtOnce }, async (key, _) =>
        {
            var way = (Way)(key % Ways);
            var answers = await Task.WhenAll(Enumerable.Range(0, Posts).Select(post => PostAsync(post % 2 == 0 ? ofOne : ofOther, key, way, post)));
            if (FaultOf(answers, way) is { } fault)
            {
                violations.Enqueue($"key-{key}, {way}: {fault}");
            }

            if (Interlocked.Increment(ref done) % 500 == 0)
            {
                run.Say($"{done} keys, {violations.Count} violations");
            }
        });

        var studies = StoreCheck.Read(server.Settings);
        if (studies.Count != keys || studies.Any(s => s.Version != 1))
        {
            violations.Enqueue($"{keys} keys made {studies.Count} studies with {studies.Sum(s => s.Version)} versions");
        }

        return new($"{keys:N0} keys, each posted {Posts} times at once to 2 services on PostgreSQL", $"{violations.Count} doubled or answered otherwise", [.. violations]);
    }

    private static async Task<Answer> PostAsync(HttpClient http, int key, Way way, int post)
    {
        var sent = new Sent($"key-{key}").Json();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/studies")
        {
            Content = new StringContent(way == Way.OtherContents ? sent.Replace("\"A study\"", $"\"Study {post}\"", StringComparison.Ordinal) : sent, Encoding.UTF8, "application/json"),
        };
        if (way == Way.OneRequest)
        {
            request.Headers.Add("Idempotency-Key", $"key-{key}");
        }

        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        return new(response.StatusCode, response.Headers.Contains("Idempotent-Replayed"), response.Headers.RetryAfter is not null);
    }

    /// <summary>Exactly one made the study; what the others may be told depends on the way.</summary>
    private static string? FaultOf(Answer[] answers, Way way)
    {
        var made = answers.Count(a => a is { Status: HttpStatusCode.Created, IsReplayed: false });
        var strange = answers.Where(a => a is not { Status: HttpStatusCode.Created, IsReplayed: false } && !way.Allows(a)).Select(a => a.Status).Distinct();
        return made == 1 && !strange.Any() ? null : $"made {made} times; other answers: {string.Join(", ", strange)}";
    }

    private static bool Allows(this Way way, Answer answer) => way switch
    {
        Way.OneRequest => answer is { Status: HttpStatusCode.Created, IsReplayed: true } or { Status: HttpStatusCode.Conflict, MayRetry: true },
        Way.OneStudy => answer.Status == HttpStatusCode.OK,
        _ => answer.Status == HttpStatusCode.Conflict,
    };

    private sealed record Answer(HttpStatusCode Status, bool IsReplayed, bool MayRetry);
}
