using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>Released numbers are frozen; with too few of their patients left they leave all releases.</summary>
public sealed class WithdrawalTests
{
    [Fact]
    public async Task An_erasure_changes_no_released_number_until_too_few_patients_are_left()
    {
        await using var service = await Service.StartAsync();
        for (var i = 0; i < 13; i++)
        {
            (await service.Post("/sessions", Session(i))).ShouldBe(201);
        }

        // The eleventh patient of three therapists made the release.
        var revision = await service.EvidenceRevision();
        var question = $"/meta/pool?source=sessions&level=betweenClient&asOf={revision}";
        var before = (await service.Get(question)).ShouldBe(200);
        Assert.Equal(11, before.Number("studies/0/n"));

        // Erase and subtract: there is nothing to subtract.
        await Erase(service, 11);
        await Erase(service, 12);
        Assert.Equal(revision, await service.EvidenceRevision());
        Assert.Equal(before.Text, (await service.Get(question)).Text);

        // The eleventh of the release: ten are left.
        await Erase(service, 0);
        Assert.True(await service.EvidenceRevision() > revision);
        (await service.Get("/meta/pool?source=sessions&level=betweenClient")).ShouldBe(422);
        (await service.Get(question)).ShouldBe(422);
        (await service.Get(question, ("If-None-Match", before.ETag!))).ShouldBe(422);
        await service.SubmitStudy(TestData.Study("published"));
        var all = (await service.Get($"/meta/pool?source=all&level=betweenClient&asOf={await service.EvidenceRevision()}")).ShouldBe(200);
        Assert.DoesNotContain("site:", all.At("studies")!.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(service.FindIntegrityErrors());

        // Newcomers make a new release; the withdrawn one stays out.
        for (var i = 20; i < 31; i++)
        {
            (await service.Post("/sessions", Session(i))).ShouldBe(201);
        }

        var renewed = (await service.Get("/meta/pool?source=sessions&level=betweenClient")).ShouldBe(200);
        Assert.True(renewed.Number("studies/0/n") >= 11);
        (await service.Get(question)).ShouldBe(422);
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Answers_to_earlier_revisions_name_what_was_withdrawn_and_are_otherwise_unchanged()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("published"));
        await service.PostSessions([.. Enumerable.Range(0, 11).Select(Session)]);
        var revision = await service.EvidenceRevision();
        var with = $"/meta/pool?source=all&level=betweenClient&asOf={revision}";
        var without = $"{with}&kind=primary";
        var (before, other) = ((await service.Get(with)).ShouldBe(200), (await service.Get(without)).ShouldBe(200));
        Assert.Equal(2, before.Number("counts/effects"));
        await Erase(service, 3);
        var after = (await service.Get(with, ("If-None-Match", before.ETag!))).ShouldBe(200);
        Assert.Equal(1, after.Number("counts/effects"));
        Assert.Contains(after.At("suppressed")!.AsArray(), s => s.At("reason")!.GetValue<string>() == "withdrawn");
        Assert.NotEqual(before.ETag, after.ETag);
        Assert.Equal(other.Text, (await service.Get(without)).Text);
    }

    /// <summary>Whoever may erase can leave a single patient in a number.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_number_stays_that_is_of_one_patient_who_is_left(bool asRelease01)
    {
        await using var service = await Service.StartAsync();
        service.Services.GetRequiredService<IOptions<DisclosureOptions>>().Value.CountsAsRelease01 = asRelease01;
        await service.PostSessions([.. Enumerable.Range(0, 11).Select(Session)]);
        var revision = await service.EvidenceRevision();
        for (var i = 1; i < 11; i++)
        {
            await Erase(service, i);
        }

        Assert.Equal(asRelease01 ? 200 : 422, (await service.Get($"/meta/pool?source=sessions&level=betweenClient&asOf={revision}")).Status);
    }

    private static async Task Erase(Service service, int patient) =>
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = $"p{patient}" })).ShouldBe(200);

    private static JsonObject Session(int i) => SessionTestData.RelationshipAndOutcome($"p{i}", $"t{i % 3}", 1, SessionTestData.Level(i),
        3 * SessionTestData.Digit(i + 1));
}
