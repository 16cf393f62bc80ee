using System.Globalization;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Sessions;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Associations;

/// <summary>The associations of a clinic equal an independent calculation from its raw scores after everything that can happen to them.</summary>
public sealed class ClinicHistoryTests
{
    private const double Tolerance = 1e-12;

    [SlowFact("It plays months of a clinic.")]
    public async Task Nightly_files_amendments_replacements_and_erasures_leave_exact_sums()
    {
        await using var service = await Service.StartAsync();
        var clinic = DemoSessions.Generate().Select(IndependentAssociations.SessionOf).ToList();
        await Send(service, clinic, night: 1);
        await ShouldAgree(service, clinic);

        // Every ninth session is corrected, and two weeks lose every seventh.
        clinic = [.. clinic.Select((s, i) => i % 9 == 0 ? s with { X = 6 - s.X, Symptoms = null } : s)];
        clinic.RemoveAll(s => s.Number is 4 or 5 && int.Parse(s.Patient[1..], CultureInfo.InvariantCulture) % 7 == 0);
        var answer = await Send(service, clinic, night: 2, complete: true);
        Assert.True(answer.At("replacement/withdrawn")!.GetValue<int>() > 60, answer.Text[^200..]);
        await ShouldAgree(service, clinic);

        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = "rom", ["patient"] = "p07" })).ShouldBe(200);
        clinic.RemoveAll(s => s.Patient == "p07");
        await ShouldAgree(service, clinic);
        Assert.Empty(service.FindIntegrityErrors());
    }

    private static async Task<ServiceResponse> Send(Service service, IReadOnlyList<ClinicSession> clinic, int night, bool complete = false)
    {
        List<string> rows = [.. clinic.SelectMany(Rows)];
        var query = complete ? $"&complete=true&period=2026-01-01/2026-04-30&rows={rows.Count}" : "";
        var answer = (await service.PostText($"/sessions?sourceSystem=rom&exportedAt=2026-05-0{night}T00:00:00Z{query}",
            $"patient;therapist;date;sessionNo;rater;measure;aggregation;score\n{string.Join('\n', rows)}\n", "text/csv")).ShouldBe(201);
        return answer;
    }

    private static IEnumerable<string> Rows(ClinicSession session) =>
        new[] { ("rri-c-sf;mean", session.X), ("ses;mean", session.Y), ("phq-9;sum", session.Symptoms), ("wai-sr;sum", session.Alliance) }
            .Where(score => score.Item2 is not null).Select(score => string.Create(CultureInfo.InvariantCulture,
                $"{session.Patient};{session.Therapist};{session.At:yyyy-MM-dd};{session.Number};client;{score.Item1};{score.Item2}").Replace('.', ','));

    private static async Task ShouldAgree(Service service, IReadOnlyList<ClinicSession> clinic)
    {
        var associations = await service.GetAssociations();
        foreach (var (name, r) in IndependentAssociations.Compute(clinic))
        {
            Assert.Equal(r, associations.Single(a => IndependentAssociations.NameOf(a!) == name)!.At("r")!.GetValue<double>(), Tolerance);
        }
    }
}
