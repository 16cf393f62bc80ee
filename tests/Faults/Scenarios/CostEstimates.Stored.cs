using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

using Faults.Support;

using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Studies.Contracts;

namespace Faults.Scenarios;

/// <summary>Analyses of what is stored.</summary>
internal static partial class CostEstimates
{
    private const int PatientsPerTherapist = 20;
    private const int SessionsPerPatient = 3;

    /// <summary>A comparison of two revisions between which one study in four is new, all at once or one after the other.</summary>
    private static (AnalysisCost Cost, Func<ChangesResponse?> Run) Changes(int studies, int effects, bool atOnce)
    {
        StudyRecord[] all = [.. Enumerable.Range(0, studies).Select(i => Study(i, effects, i % 4 > 0 ? 1 : atOnce ? 2 : 2 + (i / 4)))];
        var diff = EvidenceDiff.Compare(new FilterRequest(), Snapshot(1, all.Where(s => s.Revision == 1)), Snapshot(all.Max(s => s.Revision), all))
            .WithRevisions(all);
        var size = AnalysisSize.Of(diff.To, null, [])!;
        return (AnalysisCost.Changes(size, StudyChanges.CountFits(diff), diff.Changes.Count),
            () => ChangesAnalysis.Run(diff, new ChangesRequest { From = AsOf.Start }, ErrorLocation.InQuery).Answer);
    }

    /// <summary>News of twenty revisions, each with a new study, of which the earlier ones have levels of all moderators.</summary>
    private static (AnalysisCost Cost, Func<object?> Run) News(int studies)
    {
        const int revisions = 20;
        StudyRecord[] all = [.. Enumerable.Range(0, studies).Select(i => Study(i, 1, i < studies - revisions ? 1 : 2 + i - (studies - revisions)))];
        EvidenceSnapshot[] states = [.. Enumerable.Range(1, revisions + 1).Select(revision => Snapshot(revision, all.Where(s => s.Revision <= revision)))];
        var effects = EvidenceSelection.Apply(new FilterRequest(), states[^1]);
        var cost = AnalysisCost.News(AnalysisSize.Of(effects, null, Conclusions.Moderators)!, revisions, effects.Given);
        return (cost, Run);

        object? Run()
        {
            var analysis = new NewsAnalysis(new FilterRequest(), null);
            return Enumerable.Range(1, revisions).Select(i => analysis.Next(new(new LoggedChange(
                new ChangeLogEntry(i + 1, i + 1, true, "2026-01-01T00:00:00.000000Z", "site", ChangeKinds.Submitted),
                new ChangeSubject(all[studies - revisions + i - 1].Key, 1, [])), states[i - 1], states[i]))).Count(item => item is not null);
        }
    }

    /// <summary>A pool with its confidence sequence, which follows studies through five versions each.</summary>
    private static async IAsyncEnumerable<(string Name, double Estimated, double Measured)> HistoryAsync(ScenarioRun run, int studies)
    {
        const int versions = 5;
        await using var service = await InProcessService.TryStartOnAsync(Path.Combine(run.NewFolder(), "store.db"));
        var client = service.Client!;
        for (var version = 1; version <= versions; version++)
        {
            for (var i = 0; i < studies; i++)
            {
                await SendAsync(i, version);
            }
        }

        var effects = EvidenceSelection.Apply(new FilterRequest(), Snapshot(1, Enumerable.Range(0, studies).Select(i => Study(i, 1, 1))));
        var model = new ModelRequest { Sequential = SequentialChoice.Anytime };
        var size = AnalysisSize.Of(effects, model, [])!;
        var cost = AnalysisCost.Pool(size) + AnalysisCost.Anytime(size, model) + AnalysisCost.History(versions * studies);
        // Each answer is new: an earlier one would be cached.
        var confidence = 0.95;
        _ = Pool(0.94);
        yield return ("sequence of studies in five versions", cost.Seconds, MeasureSeconds(() => Pool(confidence += 0.001)));

        byte[] Pool(double confidence) => client.GetByteArrayAsync(
            new Uri(FormattableString.Invariant($"/meta/pool?sequential=anytime&confidence={confidence}"), UriKind.Relative)).GetAwaiter().GetResult();

        async Task SendAsync(int number, int version)
        {
            var study = new JsonObject
            {
                ["key"] = $"s{number}", ["kind"] = "primary",
                ["citation"] = new JsonObject { ["authors"] = "Lee", ["year"] = 2020, ["title"] = "A study" },
                ["effects"] = new JsonArray(new JsonObject
                {
                    ["key"] = "e1", ["sample"] = $"s{number}", ["outcomeType"] = "sessionOutcome", ["relationshipRater"] = "client",
                    ["outcomeRater"] = "client",
                    ["relationshipMeasure"] = "rri-c", ["outcomeMeasure"] = "ses", ["outcomeDirection"] = "higherIsBetter", ["level"] = "betweenClient",
                    ["statistic"] = new JsonObject { ["type"] = "r", ["value"] = Math.Round(0.3 * Math.Sin(number), 3), ["n"] = 80 + version },
                }),
            };
            using var body = new StringContent(study.ToJsonString(), Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(version == 1 ? HttpMethod.Post : HttpMethod.Put,
                new Uri(version == 1 ? "/studies" : $"/studies/s{number}", UriKind.Relative))
            { Content = body };
            if (version > 1)
            {
                request.Headers.TryAddWithoutValidation("If-Match", "*");
            }

            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>The associations of a site with that many patients, by HTTP.</summary>
    private static async Task<(AnalysisCost Cost, HttpClient Client, InProcessService Service)> AssociationsAsync(ScenarioRun run, int patients)
    {
        var service = await InProcessService.TryStartOnAsync(Path.Combine(run.NewFolder(), "store.db"));
        using var body = new StringContent(string.Join('\n', Sessions(patients)), Encoding.UTF8, "application/x-ndjson");
        using var stored = await service.Client!.PostAsync("/sessions", body);
        stored.EnsureSuccessStatusCode();
        // Within and between clients, of all therapists; the latent correlation is bootstrapped.
        return (AnalysisCost.Associations(new SiteSize(2.0 * patients / PatientsPerTherapist, 2, patients, 1), effects: 0), service.Client, service);
    }

    private static IEnumerable<string> Sessions(int patients)
    {
        var chance = new Random(patients);
        for (var patient = 0; patient < patients; patient++)
        {
            for (var session = 0; session < SessionsPerPatient; session++)
            {
                yield return new JsonObject
                {
                    ["sourceSystem"] = "ehr", ["patient"] = $"p{patient}", ["therapist"] = $"t{patient / PatientsPerTherapist}",
                    ["session"] = $"p{patient}.{session}", ["occurredAt"] = $"2026-03-{session + 1:00}T10:00:00Z",
                    ["measures"] = new JsonArray(Measure("rri-c-sf"), Measure("ses")),
                }.ToJsonString();

                JsonObject Measure(string instrument) => new()
                {
                    ["sourceId"] = $"p{patient}.{session}.{instrument}", ["version"] = 1, ["status"] = "final", ["instrument"] = instrument,
                    ["rater"] = "client", ["scale"] = "total", ["score"] = Math.Round(1 + (4 * chance.NextDouble()), 2),
                };
            }
        }
    }

    private static EvidenceSnapshot Snapshot(long revision, IEnumerable<StudyRecord> studies) =>
        EvidenceSnapshot.From(revision, DateTimeOffset.UnixEpoch.AddDays(revision), studies.OrderBy(s => s.Key, StringComparer.Ordinal), []);

    private static StudyRecord Study(int number, int effects, long revision) => new()
    {
        Key = string.Create(CultureInfo.InvariantCulture, $"s{number:00000}"),
        Citation = new Citation { Authors = "Lee", Year = 2020, Title = "A study" },
        Kind = StudyKind.Primary,
        Version = 1,
        Revision = revision,
        RecordedAt = DateTimeOffset.UnixEpoch.AddDays(revision),
        Effects = [.. Enumerable.Range(0, effects).Select(i => (i, R: 0.3 + (0.3 * Math.Sin(number + i)))).Select(e => new EffectRecord
        {
            Key = $"e{e.i}",
            Sample = $"s{number}",
            Statistic = new Statistic { Type = StatisticType.R, Value = e.R, N = 80 },
            OutcomeType = number % 2 == 0 ? OutcomeType.SessionOutcome : OutcomeType.TreatmentOutcome,
            RelationshipRater = number % 3 == 0 ? Rater.Therapist : Rater.Client,
            OutcomeRater = number % 5 == 0 ? Rater.Therapist : Rater.Client,
            RelationshipMeasure = "rri-c",
            OutcomeMeasure = "phq-9",
            OutcomeDirection = OutcomeDirection.HigherIsBetter,
            Level = EffectLevel.BetweenClient,
            Stored = new StoredEffect(Math.Atanh(e.R), 1 / 77.0, e.R, 80, false, false, false, "z = atanh r, v = 1/(n-3)"),
        })],
    };
}
