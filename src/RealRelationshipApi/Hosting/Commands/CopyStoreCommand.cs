using System.CommandLine;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>copy-store</c>: copies a SQLite store to PostgreSQL.</summary>
internal static class CopyStoreCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { Description = "The SQLite file; Storage__Path when absent." };
        var to = new Option<string?>("--to") { Description = "PostgreSQL in Npgsql's form, without a password; Storage__ConnectionString when absent." };
        var command = new Command("copy-store",
            "Copies an embedded store into an empty PostgreSQL database, in one transaction: counts and fingerprints of every table are compared and the copy "
                + "is verified before it is kept. Stop the service first: what it writes afterwards is not copied.") { from, to };
        command.SetAction((parsed, _) => StoreCommandRunner.RunWithoutWriterAsync(parsed.InvocationConfiguration.Error, services =>
        {
            var settings = services.GetRequiredService<IOptions<StorageOptions>>().Value;
            using var source = Database.Open(Options.Create(new StorageOptions { Path = parsed.GetValue(from) ?? settings.Path }));
            using var target = OpenTarget(parsed.GetValue(to) ?? settings.ConnectionString,
                parsed.GetValue(to) is null ? settings.MigrationConnectionString : null);
            var result = Copy(services, source, target);
            parsed.InvocationConfiguration.Output.WriteLine($"Copied, compared and verified: {VerifyCommand.Summary(result)}");
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Database OpenTarget(string? connectionString, string? migrationConnectionString) => string.IsNullOrEmpty(connectionString)
        ? throw new StoragePreconditionException(
            "Set Storage__ConnectionString, for example \"Host=db;Database=realrelationship;Username=realrelationship;Password=…\", or give --to where no "
                + "password is needed.")
        : Database.Open(
            Options.Create(
                new StorageOptions
                {
                    Provider = StorageProvider.Postgres, ConnectionString = connectionString,
                    MigrationConnectionString = migrationConnectionString
                }));

    private static VerificationResult Copy(IServiceProvider services, Database source, Database target)
    {
        using var snapshot = source.OpenSnapshot();
        var errors = new List<string>();
        if (services.GetRequiredService<StoreVerifier>().Run(source, snapshot, errors.Add).ErrorCount > 0)
        {
            throw new StorageCorruptionException($"{string.Join('\n', errors)}\nThe store at {source.Name} is not sound. Nothing was copied.");
        }

        new Migrator(target, services.GetRequiredService<PrivacyKey>(), services.GetRequiredService<TimeProvider>()).Apply(mayChangeStore: false);
        return services.GetRequiredService<StoreCopier>().CopyAndVerify(snapshot, target, mayReplace: false);
    }
}
