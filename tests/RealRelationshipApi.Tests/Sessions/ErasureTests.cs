using System.Globalization;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Sessions;

/// <summary>Who is erased is gone from answers, sums, files and restored backups, and the history still holds.</summary>
public sealed class ErasureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_left_is_as_if_the_patient_had_never_come()
    {
        await using var service = await Service.StartAsync();
        await using var without = await Service.StartAsync();
        (await service.Post([.. Clinic(12), Messages.Withdrawal("p3.2.y")])).ShouldBe(207);
        (await without.Post([.. Clinic(12).Where(s => s["patient"]!.GetValue<string>() != "p3"), Messages.Withdrawal("p4.1.y")])).ShouldBe(207);
        (await service.Post(Messages.Withdrawal("p4.1.y"))).ShouldBe(201);

        var receipt = (await Erase(service, "p3")).ShouldBe(200);
        Assert.Equal((6L, 7L, 2L), (receipt.At("measures")!.GetValue<long>(), receipt.At("versions")!.GetValue<long>(), receipt.At("sums")!.GetValue<long>()));

        Assert.Equal((await without.Associations()).ToJsonString(), (await service.Associations()).ToJsonString());
        Assert.Equal(33, (await service.Get("/sessions")).ShouldBe(200).At("sessions")!.AsArray().Count);
        Assert.Empty((await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = Messages.System, ["patient"] = "p3" })).ShouldBe(200).At("sessions")!.AsArray());
        Assert.Empty(service.Faults());
    }

    [Fact]
    public async Task What_is_sent_again_is_gone_and_what_is_asked_again_has_the_same_receipt()
    {
        await using var service = await Service.StartAsync();
        await service.Post(Clinic(2));
        var receipt = (await Erase(service, "p1")).ShouldBe(200).At("receipt")!.GetValue<long>();
        var resent = (await service.Post(Clinic(2))).ShouldBe(207);
        Assert.Equal([410, 410, 410, 200, 200, 200], resent.At("results")!.AsArray().OrderBy(r => r.At("measures/0/sourceId")!.GetValue<string>()).Select(r => r.At("status")!.GetValue<int>()));
        (await service.Post(Clinic(2)[0])).ShouldBe(410);
        var again = (await Erase(service, "p1")).ShouldBe(200);
        Assert.Equal((receipt, 0L, 0L, 0L), (again.At("receipt")!.GetValue<long>(), again.At("measures")!.GetValue<long>(), again.At("versions")!.GetValue<long>(), again.At("sums")!.GetValue<long>()));
    }

    [Fact]
    public async Task Of_whom_nothing_is_known_nothing_is_touched()
    {
        await using var service = await Service.StartAsync();
        await service.Post(Clinic(2));
        var before = Store.Rows(service.StorePath, "SELECT log FROM revision");
        foreach (var body in new JsonObject[] { new() { ["sourceSystem"] = Messages.System, ["patient"] = "nobody" }, new() { ["sourceSystem"] = "another", ["patient"] = "p1" } })
        {
            var answer = (await service.Post("/erasures", body)).ShouldBe(200);
            Assert.Null(answer.At("receipt"));
            Assert.Equal(0, answer.At("versions")!.GetValue<long>());
        }

        Assert.Equal(before, Store.Rows(service.StorePath, "SELECT log FROM revision"));
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = "", ["patient"] = "two words and a name" })).ShouldBe(422);
    }

    [SqliteFact]
    public async Task The_bytes_are_nowhere_any_more()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Post(Clinic(12));
        var canaries = Store.Rows(_folder.StorePath, "SELECT hex(v.measure), hex(v.sealed), hex(v.content_hash), hex(s.salt) FROM measure_version v JOIN change_subject s ON s.number = v.log "
            + "WHERE patient = (SELECT patient FROM measure_version ORDER BY log LIMIT 1)").SelectMany(row => row.Split('|')).ToList();
        canaries.AddRange(Store.Rows(_folder.StorePath, "SELECT hex(sealed) FROM patient_record WHERE patient = (SELECT patient FROM measure_version ORDER BY log LIMIT 1)"));
        Assert.Equal(6 * 4 + 1, canaries.Count);
        Assert.NotEmpty(Found(canaries));

        (await Erase(service, "p1")).ShouldBe(200);
        (await Executable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
        Assert.Empty(Found(canaries));
    }

    [SqliteFact]
    public async Task A_backup_that_is_older_is_erased_again()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await service.Post(Clinic(12));
            (await Executable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
            (await Erase(service, "p1")).ShouldBe(200);
        }

        // The store is lost, and only the backup and the list are left.
        File.Delete(_folder.StorePath);
        var said = (await Executable.RunAsync(_folder, ["restore", _folder.File("b")])).ShouldExitWith(0).Output;
        Assert.Contains("Erased 1 patient again", said, StringComparison.Ordinal);
        (await Executable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
        await using var restored = await Service.StartInAsync(_folder);
        Assert.Equal(33, (await restored.Get("/sessions")).At("sessions")!.AsArray().Count);
        (await restored.Post(Clinic(12)[0])).ShouldBe(410);
    }

    [SqliteTheory]
    [InlineData("DELETE FROM erased_change WHERE number = (SELECT min(number) FROM erased_change)", "What is stored of erasure 74 is not what it wrote.")]
    [InlineData("DELETE FROM change_subject WHERE number = 72", "What change 72 was about is missing, and no erasure explains it.")]
    [InlineData("DELETE FROM measure_version WHERE log = 72", "The log knows of 66 versions of measures, and 65 are stored.")]
    [InlineData("UPDATE measure_version SET content_hash = zeroblob(32) WHERE log = 72", "is not what change 72 wrote.")]
    [InlineData("DELETE FROM patient_record WHERE patient = (SELECT patient FROM measure_version WHERE log = 72)", "1 records of patients of site 'development' are not what their measures give.")]
    [InlineData("DELETE FROM stratum_sum WHERE rowid IS NULL OR cell LIKE '%withinClient%'", "sums of site 'development' are missing.")]
    public async Task What_was_changed_is_named(string statement, string fault)
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Post(Clinic(12));
        await Erase(service, "p1");
        Assert.Empty(service.Faults());
        Store.Tamper(_folder.StorePath, statement.Replace("rowid IS NULL OR ", "", StringComparison.Ordinal));
        Assert.Contains(service.Faults(), f => f.Contains(fault, StringComparison.Ordinal));
    }

    // Three sessions a patient, two measures a session, three therapists.
    private static JsonObject[] Clinic(int patients) => [.. Enumerable.Range(1, patients).SelectMany(p => Enumerable.Range(1, 3).Select(s =>
        Messages.Pair($"p{p}", $"t{p % 3}", s, 3 + (p * 7 + s * 3) % 11 / 10.0, 20 + (p * 5 + s * s) % 13)))];

    private static Task<Answer> Erase(Service service, string patient) => service.Post("/erasures", new JsonObject { ["sourceSystem"] = Messages.System, ["patient"] = patient });

    private List<string> Found(IEnumerable<string> canaries)
    {
        var files = Directory.GetFiles(_folder.Path).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)).Select(file => (file, Bytes: Store.Bytes(file))).ToList();
        return [.. canaries.SelectMany(canary => files.Where(f => f.Bytes.AsSpan().IndexOf(Convert.FromHexString(canary)) >= 0 || f.Bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(canary.ToLower(CultureInfo.InvariantCulture))) >= 0)
            .Select(f => $"{canary[..Math.Min(16, canary.Length)]} in {Path.GetFileName(f.file)}"))];
    }
}
