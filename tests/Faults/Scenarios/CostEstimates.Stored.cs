using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

using Faults.Support;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Limits;
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
            RelationshipMeasure = "rri-c",
            OutcomeMeasure = "phq-9",
            OutcomeDirection = OutcomeDirection.HigherIsBetter,
            Level = EffectLevel.BetweenClient,
            Stored = new StoredEffect(Math.Atanh(e.R), 1 / 77.0, e.R, 80, false, false, false, "z = atanh r, v = 1/(n-3)"),
        })],
    };
}
