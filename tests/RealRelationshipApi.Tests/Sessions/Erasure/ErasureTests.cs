using System.Globalization;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Erasure;

/// <summary>An erased patient is gone from responses, sums, files and restored backups, and the history still verifies.</summary>
public sealed class ErasureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_erasure_results_are_as_if_the_patient_had_never_existed()
    {
        await using var service = await Service.StartAsync();
        await using var without = await Service.StartAsync();
        (await service.PostSessions([.. ClinicSessions(12), SessionTestData.EnteredInError("p3.2.y")])).ShouldBe(201);
        (await without.PostSessions(
            [.. ClinicSessions(12).Where(s => s["patient"]!.GetValue<string>() != "p3"), SessionTestData.EnteredInError("p4.1.y")])).ShouldBe(201);
        (await service.PostSessions(SessionTestData.EnteredInError("p4.1.y"))).ShouldBe(201);

        var receipt = (await Erase(service, "p3")).ShouldBe(200);
        Assert.Equal((6L, 7L, 2L), (receipt.At("measures")!.GetValue<long>(), receipt.At("versions")!.GetValue<long>(), receipt.At("sums")!.GetValue<long>()));

        Assert.Equal((await without.GetAssociations()).ToJsonString(), (await service.GetAssociations()).ToJsonString());
        Assert.Equal(33, (await service.Get("/sessions")).ShouldBe(200).At("sessions")!.AsArray().Count);
        Assert.Empty(
            (await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "p3" })).ShouldBe(200)
                .At("sessions")!.AsArray());
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Resent_data_of_an_erased_patient_returns_410_and_a_repeated_erasure_the_same_receipt()
    {
        await using var service = await Service.StartAsync();
        await service.PostSessions(ClinicSessions(2));
        var receipt = (await Erase(service, "p1")).ShouldBe(200).At("receipt")!.GetValue<long>();
        var resent = (await service.PostSessions(ClinicSessions(2))).ShouldBe(207);
        Assert.Equal([410, 410, 410, 200, 200, 200],
            resent.At("results")!.AsArray().OrderBy(r => r.At("measures/0/sourceId")!.GetValue<string>()).Select(r => r.At("status")!.GetValue<int>()));
        (await service.PostSessions(ClinicSessions(2)[0])).ShouldBe(410);
        var again = (await Erase(service, "p1")).ShouldBe(200);
        Assert.Equal((receipt, 0L, 0L, 0L),
            (again.At("receipt")!.GetValue<long>(), again.At("measures")!.GetValue<long>(), again.At("versions")!.GetValue<long>(),
                again.At("sums")!.GetValue<long>()));
    }

    [Fact]
    public async Task Erasing_an_unknown_patient_changes_nothing()
    {
        await using var service = await Service.StartAsync();
        await service.PostSessions(ClinicSessions(2));
        var before = RawStore.Query(service.StorePath, "SELECT log FROM revision");
        foreach (var body in new JsonObject[] { new() { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "nobody" },
            new() { ["sourceSystem"] = "another", ["patient"] = "p1" } })
        {
            var answer = (await service.Post("/erasures", body)).ShouldBe(200);
            Assert.Null(answer.At("receipt"));
            Assert.Equal(0, answer.At("versions")!.GetValue<long>());
        }

        Assert.Equal(before, RawStore.Query(service.StorePath, "SELECT log FROM revision"));
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = "", ["patient"] = "two words and a name" })).ShouldBe(422);
    }

    [SqliteFact]
    public async Task Erased_bytes_are_in_no_file()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.PostSessions(ClinicSessions(12));
        var canaries = RawStore.Query(_folder.StorePath,
            "SELECT hex(v.measure), hex(v.sealed), hex(v.content_hash), hex(s.salt) FROM measure_version v JOIN change_subject s ON s.number = v.log "
            + "WHERE patient = (SELECT patient FROM measure_version ORDER BY log LIMIT 1)").SelectMany(row => row.Split('|')).ToList();
        canaries.AddRange(
            RawStore.Query(_folder.StorePath,
                "SELECT hex(sealed) FROM patient_record WHERE patient = (SELECT patient FROM measure_version ORDER BY log LIMIT 1)"));
        Assert.Equal(6 * 4 + 1, canaries.Count);
        Assert.NotEmpty(FindMarkers(canaries));

        (await Erase(service, "p1")).ShouldBe(200);
        (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
        Assert.Empty(FindMarkers(canaries));
    }

    [SqliteFact("It starts processes of the service.")]
    public async Task Erasures_are_replayed_on_an_older_backup()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await service.PostSessions(ClinicSessions(12));
            (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
            (await Erase(service, "p1")).ShouldBe(200);
        }

        // The store is lost, and only the backup and the list are left.
        File.Delete(_folder.StorePath);
        var said = (await ServiceExecutable.RunAsync(_folder, ["restore", _folder.File("b")])).ShouldExitWith(0).StandardOutput;
        Assert.Contains("Erased 1 patient again", said, StringComparison.Ordinal);
        (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
        await using var restored = await Service.StartInAsync(_folder);
        Assert.Equal(33, (await restored.Get("/sessions")).At("sessions")!.AsArray().Count);
        (await restored.PostSessions(ClinicSessions(12)[0])).ShouldBe(410);
    }

    [SqliteTheory]
    [InlineData("DELETE FROM erased_change WHERE number = (SELECT min(number) FROM erased_change)", "What is stored of erasure 74 is not what it wrote.")]
    [InlineData("DELETE FROM change_subject WHERE number = 72", "What change 72 was about is missing, and no erasure explains it.")]
    [InlineData("DELETE FROM measure_version WHERE log = 72", "The log knows of 66 versions of measures, and 65 are stored.")]
    [InlineData("UPDATE measure_version SET content_hash = zeroblob(32) WHERE log = 72", "is not what change 72 wrote.")]
    [InlineData("DELETE FROM patient_record WHERE patient = (SELECT patient FROM measure_version WHERE log = 72)",
        "1 records of patients of site 'development' are not what their measures give.")]
    [InlineData("DELETE FROM stratum_sum WHERE rowid IS NULL OR cell LIKE '%withinClient%'", "sums of site 'development' are missing.")]
    public async Task Tampering_is_detected(string statement, string error)
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.PostSessions(ClinicSessions(12));
        await Erase(service, "p1");
        Assert.Empty(service.FindIntegrityErrors());
        RawStore.ExecuteWithoutConstraints(_folder.StorePath, statement.Replace("rowid IS NULL OR ", "", StringComparison.Ordinal));
        Assert.Contains(service.FindIntegrityErrors(), f => f.Contains(error, StringComparison.Ordinal));
    }

    // Three sessions a patient, two measures a session, three therapists.
    private static JsonObject[] ClinicSessions(int patients) => [.. Enumerable.Range(1, patients).SelectMany(p => Enumerable.Range(1, 3).Select(s =>
        SessionTestData.RelationshipAndOutcome($"p{p}", $"t{p % 3}", s, 3 + (p * 7 + s * 3) % 11 / 10.0, 20 + (p * 5 + s * s) % 13)))];

    private static Task<ServiceResponse> Erase(Service service, string patient) =>
        service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = patient });

    private List<string> FindMarkers(IEnumerable<string> canaries)
    {
        var files = Directory.GetFiles(_folder.Path).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal))
            .Select(file => (file, Bytes: RawStore.ReadOpenFile(file))).ToList();
        return [
            .. canaries.SelectMany(
                canary =>
                    files.Where(
                        f => f.Bytes.AsSpan().IndexOf(Convert.FromHexString(canary)) >= 0
                            || f.Bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(canary.ToLower(CultureInfo.InvariantCulture))) >= 0)
            .Select(f => $"{canary[..Math.Min(16, canary.Length)]} in {Path.GetFileName(f.file)}"))];
    }
}
