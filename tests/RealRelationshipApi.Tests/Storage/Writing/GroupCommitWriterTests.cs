using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Writing;

/// <summary>What callers who share one commit see of each other.</summary>
public sealed class GroupCommitWriterTests : IDisposable
{
    private const string AllChangesSql = "SELECT number, evidence, subject, study_key, (SELECT count(*) FROM current_effect c WHERE c.study_key = v.study_key) "
        + "FROM change JOIN change_subject USING (number) LEFT JOIN study_version v USING (evidence) ORDER BY number";

    private static readonly Submitter s_submitter = new("anyone", IsOperator: true);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Failed_work_is_rolled_back_alone_within_its_group(int failing)
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            var writer = service.Services.GetRequiredService<GroupCommitWriter>();
            using var ready = new ManualResetEventSlim();
            var runs = new int[5];
            var first = writer.WriteAsync(_ => ready.Wait(TimeSpan.FromSeconds(30)));
            var together = Enumerable.Range(0, runs.Length).Select(i => writer.WriteAsync(transaction =>
            {
                runs[i]++;
                var stored = StudyStore.Submit(transaction, Study($"s{i}"), s_submitter);
                return i == failing ? throw new InvalidOperationException("It broke half way.") : stored.Status;
            })).ToList();
            ready.Set();
            Assert.True(await first);
            Assert.Equal("It broke half way.", (await Assert.ThrowsAsync<InvalidOperationException>(() => together[failing])).Message);
            Assert.All(together.Where((_, i) => i != failing), stored => Assert.Equal(201, stored.Result));
            // Behind a guard it is done again, with those of its group; who comes later has not been done before.
            Assert.Equal(2, runs[failing]);
            Assert.All(runs[..failing], done => Assert.InRange(done, 1, 2));
            Assert.All(runs[(failing + 1)..], done => Assert.Equal(1, done));
            (await service.Get($"/studies/s{failing}")).ShouldBeProblem(404);
            Assert.Equal(5, (await service.SubmitStudy(TestData.Study($"s{failing}"))).Number("revision"));
        }

        string[] keys = [.. Enumerable.Range(0, 5).Where(i => i != failing).Append(failing).Select(i => $"s{i}")];
        Assert.Equal(keys.Select((key, i) => $"{i + 1}|{i + 1}|{key}|{key}|1"), RawStore.Query(_folder.StorePath, AllChangesSql));
        (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
    }

    /// <summary>As if they had been written one after the other, although a server gets the claims of all of them first.</summary>
    [Fact]
    public async Task Studies_that_conflict_within_a_group_are_rejected_as_if_each_were_alone()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            var writer = service.Services.GetRequiredService<GroupCommitWriter>();
            using var ready = new ManualResetEventSlim();
            var first = writer.WriteAsync(_ => ready.Wait(TimeSpan.FromSeconds(30)));
            (string Key, string[] Samples, int Status)[] cases =
            [
                ("a", ["x"], 201), ("b", ["y", "x"], 409), ("c", ["y"], 201), ("a", ["x"], 200), ("a", ["z"], 409), ("d", ["z", "u"], 201),
                ("e", ["v", "u"], 409),
            ];
            var together = cases.Select(c => writer.WriteAsync(new StudySubmission(Study(c.Key, c.Samples), s_submitter))).ToList();
            ready.Set();
            Assert.True(await first);
            Assert.Equal(cases.Select(c => c.Status), (await Task.WhenAll(together)).Select(o => o.Status));
        }

        Assert.Equal(["1|1|a|a|1", "2|2|c|c|1", "3|3|d|d|2"], RawStore.Query(_folder.StorePath, AllChangesSql));
        (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
    }

    private static Study Study(string key, string[] samples) => ToStudy(TestData.Study(key,
        [.. samples.Select((sample, i) => TestData.Effect(r: 0.1 * (i + 2)).With("sample", sample).With("key", $"e{i}"))]));

    private static Study ToStudy(JsonNode study) =>
        RealRelationshipApi.Studies.Contracts.Study.From(study.Deserialize<StudyRequest>(StrictJson.Options)!).Study!;

    private static Study Study(string key) => ToStudy(TestData.Study(key));
}
