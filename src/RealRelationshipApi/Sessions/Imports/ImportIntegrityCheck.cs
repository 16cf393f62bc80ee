using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Verifies the MAC of every import and line of all sites.</summary>
internal sealed class ImportIntegrityCheck(PrivacyKey privacy) : IntegrityCheck
{
    public override string Name => "the imports";

    public override IReadOnlyList<string> Tables => ["session_import", "session_import_line"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        foreach (var import in connection.Query<ImportRow>($"SELECT {ImportRow.Columns} FROM session_import ORDER BY id", buffered: false)
            .Where(import => !import.IsGenuine(privacy.CreateHash)))
        {
            result.AddError($"Import {import.Id} of site '{import.Tenant}' is not what was written.");
        }

        foreach (var line in connection.Query<ImportLineRow>($"SELECT {ImportLineRow.Columns} FROM session_import_line ORDER BY id, line", buffered: false)
            .Where(line => !line.IsGenuine(privacy.CreateHash)))
        {
            result.AddError($"Line {line.Line} of import {line.Id} of site '{line.Tenant}' is not what was written.");
        }
    }
}
