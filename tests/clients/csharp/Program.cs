// A client that NSwag generated from the contract: npm run generate && dotnet run -- http://localhost:8080
using RealRelationship.Client;

using var http = new HttpClient();
if (Environment.GetEnvironmentVariable("REALRELATIONSHIP_KEY") is { } key)
{
    http.DefaultRequestHeaders.Add("X-API-Key", key);
}

var client = new RealRelationshipClient(http) { BaseUrl = args[0] };
var run = $"csharp-{Guid.NewGuid().ToString("N")[..8]}";

// A study: sent, read, replaced on what was read, stale, taken back.
var sent = await client.SubmitStudyAsync(Study(0.40), idempotency_Key: run);
Expect(201, sent.StatusCode);
var read = await client.ReadStudyAsync(run);
var tag = read.Headers["ETag"].Single();
Expect(0.40, read.Result.Effects.Single().Statistic.Value);
var replaced = await client.ReplaceStudyAsync(run, tag, Study(0.45));
Expect(2, replaced.Result.Version);
var stale = await Refusal(() => client.ReplaceStudyAsync(run, tag, Study(0.50)));
Expect(412, stale.Status);

// The stored evidence, the own write in it; then without it.
var pool = (await client.PoolEvidenceAsync(minRevision: replaced.Result.Revision)).Result;
Expect(true, pool.Studies.Any(s => s.Study == run));
Console.WriteLine($"r = {pool.Correlation!.R:F3} [{pool.Correlation.Lower:F3}, {pool.Correlation.Upper:F3}], k = {pool.Counts.Effects}");
Expect(204, (await client.RetractStudyAsync(run, "*")).StatusCode);

// Effects of one's own; nothing is stored.
var own = await client.PoolEffectsAsync(new PoolRequest { Effects = [new() { R = 0.45, N = 88 }, new() { R = 0.31, N = 120 }, new() { R = 0.52, N = 64 }] });
Expect(0.4156, Math.Round(own.Result.Correlation!.R!.Value, 4));

// A session, and its patient's erasure.
var measure = (await client.SubmitSessionsAsync(Session())).Result.Measures.Single();
Expect(201, measure.Status);
Expect(1, (await client.EraseAsync(new ErasureRequest { SourceSystem = run, Patient = "p-1" })).Result.Measures);
Expect(410, (await Refusal(() => client.SubmitSessionsAsync(Session()))).Status);

// Every fault is named, in the caller's own words.
var wrong = await Refusal(() => client.SubmitStudyAsync(Study(1.40), validateOnly: true));
Expect("#/effects/0/statistic/value", wrong.Errors!.Single().Pointer);

Console.WriteLine("C#: everything is as expected.");

StudyRequest Study(double r) => new()
{
    Key = run,
    Kind = StudyKind.Primary,
    Synthetic = true,
    Citation = new Citation { Authors = "Client in C#", Year = 2026, Title = "An invented study" },
    Effects =
    [
        new EffectRequest
        {
            Key = "e1",
            Sample = run,
            Statistic = new Statistic { Type = StatisticType.R, Value = r, N = 80 },
            OutcomeType = OutcomeType.TreatmentOutcome,
            RelationshipRater = Rater.Client,
            OutcomeRater = Rater.Therapist,
            RelationshipMeasure = "rri-c",
            OutcomeMeasure = "oq-45",
            OutcomeDirection = OutcomeDirection.HigherIsBetter,
            Level = EffectLevel.BetweenClient,
        },
    ],
};

SessionRequest Session() => new()
{
    SourceSystem = run,
    Patient = "p-1",
    Therapist = "t-1",
    Session = "s-1",
    SessionNumber = 1,
    OccurredAt = new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.FromHours(1)),
    Measures =
        [new MeasureRequest { SourceId = "m-1", Version = 1, Status = MeasureStatus.Final, Instrument = "phq-9", Rater = ScoreRater.Client, Score = 12 }],
};

static async Task<ProblemDocument> Refusal(Func<Task> request)
{
    try
    {
        await request();
    }
    catch (ApiException<ProblemDocument> refusal)
    {
        return refusal.Result;
    }
    throw new InvalidOperationException("This should have been refused.");
}

static void Expect<T>(T expected, T actual)
{
    if (!EqualityComparer<T>.Default.Equals(expected, actual))
    {
        throw new InvalidOperationException($"Expected {expected}, got {actual}.");
    }
}
