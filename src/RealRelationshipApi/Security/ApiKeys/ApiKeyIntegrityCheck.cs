using System.Data.Common;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Verifies every API key against its last change.</summary>
internal sealed class ApiKeyIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the API keys";

    public override IReadOnlyList<string> Tables => ["api_key"];

    public override void Run(DbConnection connection, VerificationResult result) => RecordedRows.Compare(
        ApiKeyStore.List(connection).Select(key => new RecordedRow($"API key {key.Id} of tenant '{key.Tenant}'", key.Tenant, key.Subject, null,
            key.ComputeHash(log.CreateHash(KeyPurposes.ApiKey)))),
        log.ReadSubjects(connection, ApiKeyStore.SubjectKind).GroupBy(change => change.Subject.Subject).Select(states => states.Last()),
        change => $"API key {change.Subject.Subject[(ApiKeyStore.SubjectKind.Length + 1)..]} of tenant '{change.Entry.Tenant}'", result);
}
