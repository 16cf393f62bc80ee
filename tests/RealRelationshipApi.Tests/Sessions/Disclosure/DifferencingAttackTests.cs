using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>An attacker who sees every release cannot isolate a patient by taking differences.</summary>
public sealed class DifferencingAttackTests(ITestOutputHelper output)
{
    private const int MinPatients = 11;
    private const int MessageCount = 220;

    [SlowFact("It combines all releases of many epochs.")]
    public Task No_combination_of_releases_isolates_a_few_patients() => AttackAsync(seed: 1);

    [SlowTheory("The combinations of all releases of two more histories, one of them with the most series.")]
    [InlineData(2)]
    [InlineData(3)]
    public Task No_combination_of_releases_of_other_histories_isolates_a_few_patients(int seed) => AttackAsync(seed);

    private async Task AttackAsync(int seed)
    {
        await using var service = await Service.StartAsync();
        var published = await RunHistoryAsync(service, new(seed), MessageCount);
        Assert.True(published.Count > 15, "too little was released to attack");
        Assert.Contains(published, p => p.Effect.Epoch > 3);
        var attacker = new DifferencingAttacker(published, MinPatients);
        Assert.Empty(attacker.Combinations());
        Assert.Empty(attacker.Differences());
        Assert.Empty(FindIntegrityErrors(service));
        Assert.DoesNotContain(published, p => p.Effect.Patients < MinPatients || p.Effect.Therapists < 3);
        var (right, all) = attacker.MembershipInference();
        output.WriteLine($"{published.Count} numbers in {published.DistinctBy(p => p.Series).Count()} series; {right} of {all} right");
        Assert.InRange(right / (double)all, 0, 0.64); // 57 % is what one of eleven says of the sum of them all
    }

    [SlowFact("The combinations of all releases of a history under a weaker rule.")]
    public async Task A_weaker_disclosure_rule_is_detected()
    {
        await using var service = await Service.StartAsync();
        var weaker = service.Services.GetRequiredService<IOptions<DisclosureOptions>>().Value;
        (weaker.MinPatients, weaker.NewPatientDivisor) = (1, int.MaxValue);
        var published = await RunHistoryAsync(service, new(seed: 1), MessageCount);
        var attacker = new DifferencingAttacker(published, MinPatients);
        Assert.NotEmpty(attacker.Combinations());
        Assert.NotEmpty(attacker.Differences());
        var (right, all) = attacker.MembershipInference();
        output.WriteLine($"{published.Count} numbers in {published.DistinctBy(p => p.Series).Count()} series; {right} of {all} right");
        Assert.InRange(right / (double)all, 0.68, 1);
    }

    internal static async Task<List<PublishedEffect>> RunHistoryAsync(Service service, RandomSiteHistory history, int messages)
    {
        var (published, last) = (new List<PublishedEffect>(), (await LatestReleaseAsync(service))?.Number ?? 0);
        for (var i = 0; i < messages; i++)
        {
            if (history.NextErasure() is { } erasure)
            {
                (await service.Post("/erasures", erasure)).ShouldBe(200);
            }

            var answer = await service.PostSessions(history.NextMessages());
            Assert.True(answer.Status is 200 or 201 or 207 or 410, answer.Text);
            Assert.DoesNotContain("\"status\":422", answer.Text, StringComparison.Ordinal);
            if (await LatestReleaseAsync(service) is { } release && release.Number > last)
            {
                // A withdrawal makes a release of its own.
                Assert.InRange(release.Number, last + 1, last + 2);
                last = release.Number;
                published.AddRange(await PublishedEffect.FromReleaseAsync(service, release));
            }
        }

        return published;
    }

    // The sums are those of the measures, of those who stay out as well.
    private static List<string> FindIntegrityErrors(Service service)
    {
        var errors = new List<string>();
        using var connection = service.Services.GetRequiredService<Database>().OpenSnapshot();
        foreach (var check in service.Services.GetServices<IntegrityCheck>())
        {
            check.Run(connection, new(errors.Add));
        }

        return errors;
    }

    private static async Task<SiteRelease?> LatestReleaseAsync(Service service)
    {
        using var connection = service.Services.GetRequiredService<Database>().OpenSnapshot();
        return ReleaseQueries.Latest(connection, Caller.DevelopmentTenant, service.Services.GetRequiredService<ChangeLog>());
    }
}
