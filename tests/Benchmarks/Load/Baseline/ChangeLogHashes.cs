using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Testing.Processes;

namespace Benchmarks.Load.Baseline;

/// <summary>The hashes of the service's change log, by its own code and under the same key.</summary>
internal sealed class ChangeLogHashes
{
    // With a key in the settings, neither the environment nor the store is used.
    private readonly ChangeLog _log = new(new PrivacyKey(Options.Create(new PrivacyOptions { Key = ServiceProcess.PrivacyKey }), null!, null!));

    public byte[] RowHash(VersionRow version, IReadOnlyList<EffectRow> effects)
    {
        var hash = _log.CreateHash("study-version").Add(version.StudyKey).Add(version.Version).Add(version.Tenant).Add(version.Evidence).Add(version.RecordedAt)
            .Add(version.Status).Add(version.Content);
        foreach (var effect in effects)
        {
            hash.Add(effect.Position).Add(effect.EffectKey).Add(effect.Yi).Add(effect.Vi).Add(effect.N).Add(effect.Converted).Add(effect.Approximate)
                .Add(effect.Turned).Add(effect.Formula);
        }

        return hash.Add(version.ChangedBy).Add(version.Actor).Add(version.Reason).Finish();
    }

    public byte[] Digest(ChangeRow change, SubjectRow subject, byte[] contentHash) =>
        Add(_log.CreateHash("change-digest"), change).Add(subject.Subject).Add(subject.Version).Add(contentHash).Add(subject.Salt).Finish();

    public byte[] Chain(byte[] previous, ChangeRow change, byte[] digest) => Add(_log.CreateHash("change-chain").Add(previous), change).Add(digest).Finish();

    public byte[] Seal(ChangeRow last, byte[] chain) => _log.CreateHash("change-head").Add(last.Number).Add(last.Evidence).Add(last.RecordedAt).Add(chain)
        .Finish();

    /// <summary>Rejects rows whose hashes differ from those of the service: then the work would not be the same.</summary>
    public void VerifySameHashes(IReadOnlyList<StoredStudyRows> studies)
    {
        foreach (var (i, study) in studies.Index())
        {
            var row = RowHash(study.Version, study.Effects);
            var digest = Digest(study.Change, study.Subject, row);
            var follows = i > 0 && studies[i - 1].Change.Number == study.Change.Number - 1;
            if (!row.SequenceEqual(study.Version.RowHash) || !row.SequenceEqual(study.Subject.ContentHash) || !digest.SequenceEqual(study.Change.Digest)
                || (follows && !Chain(studies[i - 1].Change.Chain, study.Change, digest).SequenceEqual(study.Change.Chain)))
            {
                throw new InvalidOperationException(
                    $"The hashes of change {study.Change.Number} are made in another way now: bring {nameof(ChangeLogHashes)} up to date.");
            }
        }
    }

    private static KeyedHash Add(KeyedHash hash, ChangeRow change) =>
        hash.Add(change.Number).Add(change.Evidence).Add(change.Moves).Add(change.RecordedAt).Add(change.Tenant).Add(change.Kind);
}
