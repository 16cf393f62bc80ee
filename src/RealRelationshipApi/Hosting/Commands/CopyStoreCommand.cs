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
        var from = new Option<string?>("--from") { Description = "The SQLite file; default: Storage__Path." };
        var to = new Option<string?>("--to") { Description = "PostgreSQL connection string without a password; default: Storage__ConnectionString." };
        var command = new Command("copy-store",
            "Copies a SQLite store into an empty PostgreSQL database, in one transaction that is committed only if counts and hashes of all tables agree "
                + "and the copy passes verification. Stop the service first, as later writes are not copied.") { from, to };
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

        new Migrator(target, services.GetRequiredService<PrivacyKey>(), services.GetRequiredService<TimeProvider>(), []).Apply(mayChangeStore: false);
        return services.GetRequiredService<StoreCopier>().CopyAndVerify(snapshot, target, mayReplace: false);
    }
}
