using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Instruments;

/// <summary>Verifies every declared version of an instrument, and every instrument with undeclared items, against the change log.</summary>
internal sealed class InstrumentIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the instruments";

    public override IReadOnlyList<string> Tables => ["instrument_version", "undeclared_items"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        InstrumentRow.Compare(connection.Query<InstrumentRow>($"SELECT {InstrumentRow.Columns} FROM instrument_version ORDER BY tenant, change_number"),
            log.ReadSubjects(connection, InstrumentRow.SubjectKind), log, result);
        UndeclaredItems.Compare(connection.Query<(string, string)>("SELECT tenant, instrument FROM undeclared_items ORDER BY tenant, instrument"),
            log.ReadSubjects(connection, UndeclaredItems.SubjectKind), result);
    }
}
