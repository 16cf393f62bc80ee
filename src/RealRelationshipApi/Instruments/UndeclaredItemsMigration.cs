using Dapper;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Instruments;

/// <summary>Records the undeclared items of release 0.1, which were in no change.</summary>
internal sealed class UndeclaredItemsMigration : DataMigration
{
    public override long Number => MigrationNumbers.Integrity;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction)
    {
        foreach (var (tenant, instrument) in transaction.Connection
            .Query<(string, string)>("SELECT tenant, instrument FROM undeclared_items ORDER BY tenant, instrument").ToList())
        {
            UndeclaredItems.Record(transaction, ChangeKind.Adopted, tenant, instrument, 1);
        }

        return [];
    }
}
