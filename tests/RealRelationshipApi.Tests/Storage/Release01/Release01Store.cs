using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Release01;

/// <summary>A copy of a store of release 0.1 in a folder of its own, with the settings and API keys that open it.</summary>
internal sealed class Release01Store : IDisposable
{
    private const string FixtureFolder = "tests/RealRelationshipApi.Tests/Storage/Release01";

    private readonly TemporaryFolder _folder = new();
    private readonly string _engine;
    private readonly JsonNode _apiKeys;

    private Release01Store(string engine, string answersOf)
    {
        _engine = engine;
        var keys = JsonNode.Parse(Text("test-keys.json"))!;
        Settings =
        [
            .. engine == "postgres"
                ? [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", PostgresTestServer.OwnerConnectionStringFor(_folder.StorePath))]
                : new[] { ("Storage__Provider", "Sqlite") },
            ("Privacy__Key", keys.At("privacyKey")!.GetValue<string>()),
            ("Privacy__EncryptionKeys", $"{keys.At("secondEncryptionKey")},{keys.At("firstEncryptionKey")}"),
            ("Evidence__Review", "true"),
        ];
        _apiKeys = JsonNode.Parse(Text($"{answersOf}/api-keys.json"))!;
        Questions = Parse<SavedQuestion[]>(Encoding.UTF8.GetString(Decompressed($"{answersOf}/questions.json.gz")));
        Summary = Text($"{answersOf}/verify.txt");
        File.Copy(PathOf($"{answersOf}/store.db.erasures"), _folder.StorePath + ".erasures");
    }

    /// <summary>Responses of release 0.1.</summary>
    public IReadOnlyList<SavedQuestion> Questions { get; }

    /// <summary>Output of <c>verify</c> of release 0.1.</summary>
    public string Summary { get; }

    private (string Name, string Value)[] Settings { get; }

    public static Release01Store Sqlite()
    {
        var store = new Release01Store("sqlite", "sqlite");
        File.WriteAllBytes(store._folder.StorePath, Decompressed("sqlite/store.db.gz"));
        return store;
    }

    public static Release01Store Postgres()
    {
        var store = new Release01Store("postgres", "postgres");
        PostgresTestServer.Execute(PostgresTestServer.OwnerConnectionStringFor(store._folder.StorePath),
            Encoding.UTF8.GetString(Decompressed("postgres/store.sql.gz")));
        return store;
    }

    /// <summary>An empty store, to restore or import what comes from the SQLite store.</summary>
    public static Release01Store Empty(string engine) => new(engine, "sqlite");

    public static IEnumerable<SavedMessage> Messages() => Directory.EnumerateFiles(PathOf("messages")).Order(StringComparer.Ordinal)
        .Select(file => Parse<SavedMessage>(File.ReadAllText(file)) with { Name = Path.GetFileName(file) });

    public static IReadOnlyList<KnownChange> KnownChanges() => Parse<KnownChange[]>(Text("known-changes.json"));

    /// <summary>A file of the fixture, uncompressed, in the folder of this store.</summary>
    public string CopyOf(string name)
    {
        var copy = _folder.File(Path.GetFileNameWithoutExtension(name));
        File.WriteAllBytes(copy, name.EndsWith(".gz", StringComparison.Ordinal) ? Decompressed(name) : File.ReadAllBytes(PathOf(name)));
        return copy;
    }

    public async Task<string> RunAsync(params string[] arguments) =>
        (await ServiceExecutable.RunAsync(_folder, arguments, Settings)).ShouldExitWith(0).StandardOutput;

    public Task<Service> StartAsync() => Service.StartInAsync(_folder, "Production", Settings);

    /// <summary>Runs a statement in the store, past the service.</summary>
    public void Execute(string statement)
    {
        if (_engine == "postgres")
        {
            PostgresTestServer.Execute(PostgresTestServer.ConnectionStringFor(_folder.StorePath), statement);
        }
        else
        {
            RawStore.ExecuteSqlite(_folder.StorePath, statement);
        }
    }

    public (string Name, string Value) ApiKeyOf(string tenant) => ("X-API-Key", _apiKeys.At(tenant)!.GetValue<string>());

    public void Dispose() => _folder.Dispose();

    private static string PathOf(string name) => Path.Combine(RepositoryFiles.Root, FixtureFolder, name);

    private static T Parse<T>(string json) => JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)!;

    private static string Text(string name) => File.ReadAllText(PathOf(name));

    private static byte[] Decompressed(string name)
    {
        using var file = new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }
}

/// <summary>A GET request of a tenant with the response of release 0.1: JSON, or a string of CSV.</summary>
internal sealed record SavedQuestion(string As, string Question, JsonNode Answer);

/// <summary>A request that release 0.1 had stored, and the status of sending it again.</summary>
internal sealed record SavedMessage(int Status, string As, string Method, string Path, string? MediaType, Dictionary<string, string> Headers, JsonNode? Body)
{
    public string Name { get; init; } = "";

    /// <summary>Whether its Idempotency-Key replays the first status.</summary>
    public bool IsReplayed => Headers.ContainsKey("Idempotency-Key");

    /// <summary>The body as it was sent where an Idempotency-Key covers it.</summary>
    public byte[]? Bytes => Body is null ? null : Encoding.UTF8.GetBytes(Body is JsonValue text ? text.GetValue<string>() : Body.ToJsonString());
}
