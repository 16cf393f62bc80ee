using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;

using Faults.Support;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Three clients without a key post large analyses and disconnect after 0.7 s; another client pools meanwhile and afterwards.</summary>
internal static partial class AbandonedAnalyses
{
    private const int Bodies = 3;
    private const double MaxP99Seconds = 0.4;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var requests = run.Scaled(200, 2_000);
        var chance = new Random(run.Seed);
        await using var service = ServiceProcess.Spawn(
        [
            ("Storage__Path", Path.Combine(run.NewFolder(), "store.db")), ("Demo__Load", "true"), ("Access__PublicRead", "true"),
            ("Access__Anonymous", "false"),
        ]);
        var address = await service.WaitUntilListeningAsync();
        using var reader = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectFromOtherAddressAsync }) { BaseAddress = address };
        await MeasureP99Async(reader, 50, chance);
        var before = await MeasureP99Async(reader, requests, chance);

        // The most effects that are admitted, so that they are computed.
        using var attacker = new HttpClient { BaseAddress = address };
        using var refusal = await attacker.PostAsync("/meta/sensitivity", EffectBody.ToContent(EffectBody.Json(20_000, perSample: 2)));
        var detail = await refusal.Content.ReadAsStringAsync();
        var admitted = (int)refusal.StatusCode == 422 && Fitting().Match(detail) is { Success: true } match
            ? int.Parse(match.Groups["effects"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 20_000;
        run.Log($"20,000 effects: {(int)refusal.StatusCode}; {admitted:N0} are computed");
        var body = EffectBody.Json(admitted, perSample: 2);
        var abandoned = Enumerable.Range(0, Bodies).Select(_ => AbandonAsync(address, body)).ToArray();
        var during = await MeasureP99Async(reader, requests / 2, chance);
        await Task.WhenAll(abandoned);
        var after = await MeasureP99Async(reader, requests, chance);
        var limit = Math.Max(2 * before, MaxP99Seconds);
        List<string> violations = [];
        if (after > limit)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture,
                $"p99 is {after * 1000:0} ms after the bodies were abandoned, and was {before * 1000:0} ms before"));
        }

        var stopping = Stopwatch.GetTimestamp();
        await service.StopAsync();
        var stopped = Stopwatch.GetElapsedTime(stopping);
        if (stopped > TimeSpan.FromSeconds(5))
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"the service took {stopped.TotalSeconds:0.0} s to stop"));
        }

        return new($"{Bodies} bodies of {admitted:N0} effects to /meta/sensitivity, abandoned after 0.7 s", string.Create(CultureInfo.InvariantCulture,
            $"p99 of another client's GET /meta/pool {before * 1000:0.0} ms before, {during * 1000:0.0} ms meanwhile, {after * 1000:0.0} ms afterwards; "
                + $"stopped in {stopped.TotalSeconds:0.0} s"), violations);
    }

    private static async Task AbandonAsync(Uri address, string body)
    {
        using var client = new HttpClient { BaseAddress = address };
        using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(0.7));
        try
        {
            using var response = await client.PostAsync("/meta/sensitivity", EffectBody.ToContent(body), impatient.Token);
        }
        catch (OperationCanceledException)
        {
            // As intended.
        }
    }

    // Different questions, so that each is computed.
    private static async Task<double> MeasureP99Async(HttpClient client, int requests, Random chance)
    {
        var seconds = new List<double>(requests);
        for (var i = 0; i < requests; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var confidence = (0.6 + (chance.NextDouble() * 0.39)).ToString("0.000000", CultureInfo.InvariantCulture);
            using var response = await client.GetAsync($"/meta/pool?synthetic=include&confidence={confidence}");
            await response.Content.ReadAsByteArrayAsync();
            response.EnsureSuccessStatusCode();
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            await Task.Delay(5);
        }

        seconds.Sort();
        return seconds[(int)(0.99 * (requests - 1))];
    }

    private static async ValueTask<Stream> ConnectFromOtherAddressAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.2"), 0));
        await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    [GeneratedRegex(@"About (?<effects>[\d,]+) of the", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fitting();
}
