using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Records the API keys of release 0.1, which were in no change, as they are.</summary>
internal sealed class ApiKeyMigration : DataMigration
{
    public override long Number => MigrationNumbers.Integrity;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction)
    {
        var keys = ApiKeyStore.ListOfRelease01(transaction.Connection);
        foreach (var key in keys)
        {
            ApiKeyStore.Record(transaction, ChangeKind.Adopted, key);
        }

        return keys.Count == 0 ? []
            : [$"{keys.Count} API {(keys.Count == 1 ? "key was" : "keys were")} adopted into the change log: check them with `keys list`."];
    }
}
