using System.Data.Common;

using Dapper;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Ledger;

/// <summary>A table whose rows are signed one by one.</summary>
/// <param name="Name">Its name.</param>
public abstract record SignedTable(string Name)
{
    /// <summary>Whether the table is of a later step than migration 11, so that all its rows are signed.</summary>
    public bool IsSignedFromStart { get; init; }

    internal abstract void Verify(DbConnection connection, PrivacyKey privacy, VerificationResult result);

    internal abstract void Sign(WriteTransaction transaction);
}

/// <summary>A table of one type of rows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">The selected columns, as members of the row.</param>
/// <param name="Order">The columns of its key.</param>
/// <param name="IsRow">The condition for a row, with its members as parameters.</param>
/// <param name="Describe">A row as the subject of a sentence to the operator.</param>
public sealed record SignedTable<TRow>(string Name, string Columns, string Order, string IsRow, Func<TRow, string> Describe) : SignedTable(Name)
    where TRow : SignedRow<TRow>
{
    /// <summary>The columns before rows were signed, if others.</summary>
    public string? UnsignedColumns { get; init; }

    internal override void Verify(DbConnection connection, PrivacyKey privacy, VerificationResult result)
    {
        foreach (var row in connection.Query<TRow>($"SELECT {Columns} FROM {Name} ORDER BY {Order}", buffered: false)
            .Where(row => !row.IsGenuine(privacy.CreateHash)))
        {
            result.AddError($"{Describe(row)} is not what was written.");
        }
    }

    internal override void Sign(WriteTransaction transaction)
    {
        foreach (var row in transaction.Connection.Query<TRow>($"SELECT {UnsignedColumns ?? Columns} FROM {Name} ORDER BY {Order}").ToList())
        {
            transaction.Enqueue($"UPDATE {Name} SET mac = @Mac WHERE {IsRow}", row.Signed(transaction.CreateHash));
        }
    }
}

/// <summary>Registration of signed tables.</summary>
public static class SignedTableServices
{
    /// <summary>Lets <c>verify</c> check the rows of tables, and migration 11 sign those written before.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the tables in messages.</param>
    /// <param name="tables">The tables.</param>
    public static IServiceCollection AddSignedTables(this IServiceCollection services, string name, params SignedTable[] tables) => services
        .AddSingleton<IntegrityCheck>(provider => new Check(name, tables, provider.GetRequiredService<PrivacyKey>()))
        .AddSingleton<DataMigration>(new Migration(tables));

    private sealed class Check(string name, SignedTable[] tables, PrivacyKey privacy) : IntegrityCheck
    {
        public override string Name => name;

        public override IReadOnlyList<string> Tables => [.. tables.Select(table => table.Name)];

        public override void Run(DbConnection connection, VerificationResult result)
        {
            foreach (var table in tables)
            {
                table.Verify(connection, privacy, result);
            }
        }
    }

    private sealed class Migration(SignedTable[] tables) : DataMigration
    {
        public override long Number => MigrationNumbers.Integrity;

        public override IReadOnlyList<string> Apply(WriteTransaction transaction)
        {
            foreach (var table in tables.Where(table => !table.IsSignedFromStart))
            {
                table.Sign(transaction);
            }

            return [];
        }
    }
}
