using System.Text.RegularExpressions;

using Dapper;

using Microsoft.Data.Sqlite;

using RealRelationship.Storage;
using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Every statement that touches a site's data names its tenant.</summary>
public sealed partial class TenantQueryTests
{
    private static readonly string[] s_tenantTables = ["measure_version", "patient_record", "stratum_sum", "cell_sum", "site_count", "erasure",
        "instrument_version", "source_version", "key_link", "content_conflict", "refusal_count"];

    private static readonly string[] s_tenantFolders = ["Sessions", "Instruments"];

    // Files that access rows of all sites on purpose: integrity checks and key rotation.
    private static readonly string[] s_crossTenantFiles = ["Check.cs", "EncryptedColumn.cs", "KeyRotation.cs", "AccessRecord.cs"];

    [Fact]
    public void Every_statement_on_tenant_tables_filters_by_tenant()
    {
        var statements = RepositoryFiles.ServiceCSharpFiles().Where(f => !Array.Exists(s_crossTenantFiles, f.Path.EndsWith))
            .SelectMany(file => Statement().Matches(file.Text).Select(m => (file.Path, Sql: m.Value)))
            .Where(
                s => Array.Exists(s_tenantTables,
                    table => Regex.IsMatch(s.Sql, $@"\b(FROM|INTO|UPDATE|JOIN)\s+{table}\b", RegexOptions.None, TimeSpan.FromSeconds(1)))).ToList();
        Assert.True(statements.Count >= 15, $"the search for statements finds too few: {statements.Count}");
        Assert.Empty(
            statements.Where(s => !NamesTenant(s.Sql, RepositoryFiles.ServiceCSharpFiles().Single(f => f.Path == s.Path).Text))
                .Select(s => $"{s.Path}: {s.Sql}"));
    }

    // Dapper takes any connection; a TenantConnection is of one tenant.
    [Fact]
    public void Sessions_and_instruments_use_a_tenant_connection()
    {
        string[] everySites = ["IntegrityCheck.cs", "Migration.cs", "/ErasureReplay.cs", "/ReleaseQueries.cs", "/UnfinishedImports.cs",
            "/Withdrawals.cs"];
        var files = RepositoryFiles.ServiceCSharpFiles()
            .Where(f => Array.Exists(s_tenantFolders, folder => f.Path.StartsWith($"{folder}/", StringComparison.Ordinal))).ToList();
        Assert.True(files.Count(f => f.Text.Contains(".ForTenant(", StringComparison.Ordinal)) >= 10, "the search finds too few files");
        Assert.Empty(files.Where(f => !Array.Exists(everySites, f.Path.EndsWith) && DirectConnectionUse().IsMatch(f.Text)).Select(f => f.Path));
    }

    [Fact]
    public void A_tenant_connection_refuses_statements_without_tenant()
    {
        using var folder = new TemporaryFolder();
        using var store = new SqliteConnection($"Data Source={folder.StorePath};Pooling=false");
        store.Execute("CREATE TABLE note (tenant TEXT, text TEXT); INSERT INTO note VALUES ('north', 'of the north'), ('south', 'of the south')");
        Assert.Equal(["of the north"], store.ForTenant("north").Query<string>("SELECT text FROM note WHERE tenant = @tenant"));
        Assert.Equal(["of the north"], store.ForTenant("north").Query<string>("SELECT text FROM note WHERE tenant = @tenant", new { tenant = "south" }));
        Assert.Throws<InvalidOperationException>(() => store.ForTenant("north").Query<string>("SELECT text FROM note"));
        Assert.Throws<ArgumentException>(() => store.ForTenant(""));
    }

    [Fact]
    public void Every_tenant_table_has_row_level_security_or_is_shared()
    {
        // Public evidence and its history, documents of the operator, keys that are looked up before anybody is known, and digests.
        string[] shared = ["change", "study_version", "reviewed_study_version", "listed_study_version", "api_key", "idempotency", "release", "withdrawal",
            "document_version", "study_coding"];
        var steps = string.Join('\n',
            Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "src/RealRelationship.Storage/Migrations"), "*.sql").Order().Select(File.ReadAllText));
        var withTenant = Table().Matches(steps).Where(m => m.Groups["columns"].Value.Contains("tenant ", StringComparison.Ordinal))
            .Select(m => m.Groups["name"].Value).Distinct().Except(shared).Order().ToList();
        Assert.Contains("measure_version", withTenant);
        Assert.All(withTenant.Where(t => t != "change_before_chain"),
            table =>
            {
                Assert.Contains($"--postgres ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;", steps, StringComparison.Ordinal);
                Assert.Contains($"--postgres ALTER TABLE {table} FORCE ROW LEVEL SECURITY;", steps, StringComparison.Ordinal);
            });
    }

    [Fact]
    public void Every_threat_promise_names_existing_tests()
    {
        var named = Regex.Matches(RepositoryFiles.Read("src/RealRelationshipApi/Security/THREATS.md"), "`(?<name>[A-Za-z]+Tests)`",
            RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(m => m.Groups["name"].Value).Distinct().ToList();
        var there = typeof(TenantQueryTests).Assembly.GetTypes().Select(t => t.Name).ToHashSet();
        Assert.True(named.Count > 15);
        Assert.Empty(named.Except(there));
    }

    // A statement that is put together begins in a constant of the same file, and ends where it is used.
    private static bool NamesTenant(string sql, string file) =>
        TenantOfStatement().IsMatch(sql)
            || (sql.Trim('"', ' ', '\n', '\r').StartsWith("SELECT", StringComparison.Ordinal) && !sql.Contains("WHERE", StringComparison.Ordinal)
                && TenantConnectionUse().Matches(file).All(use => TenantOfStatement().IsMatch(use.Value)));

    [GeneratedRegex(@"""""""[\s\S]*?""""""|""(SELECT|INSERT|UPDATE|DELETE)[^""\n]*""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Statement();

    [GeneratedRegex(@"(?i)tenant = @tenant|\(tenant,|later\.tenant = v\.tenant|\(tenant\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TenantOfStatement();

    [GeneratedRegex(@"\$""\{(Columns|Rows|Select)\}[^""\n]*""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TenantConnectionUse();

    [GeneratedRegex(@"using Dapper;|SqlMapper|CreateCommand|DbCommand", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DirectConnectionUse();

    [GeneratedRegex(@"CREATE TABLE (?<name>\w+) \((?<columns>[\s\S]*?)\) STRICT", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Table();
}
