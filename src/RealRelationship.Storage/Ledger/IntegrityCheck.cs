using System.Data.Common;

namespace RealRelationship.Storage.Ledger;

/// <summary>Checks the consistency of one part of a store. Each slice provides the check of its tables.</summary>
public abstract class IntegrityCheck
{
    /// <summary>Name of the checked part in messages.</summary>
    public abstract string Name { get; }

    /// <summary>The tables in which it finds every edited, deleted or inserted row.</summary>
    public abstract IReadOnlyList<string> Tables { get; }

    /// <summary>Runs the check in constant memory.</summary>
    public abstract void Run(DbConnection connection, VerificationResult result);
}

/// <summary>Checks a file beside the store of this process, which backups and copies of it do not have.</summary>
public abstract class SidecarCheck
{
    /// <summary>Name of the file in messages.</summary>
    public abstract string Name { get; }

    /// <summary>Runs the check.</summary>
    /// <exception cref="StorageCorruptionException">The file is damaged.</exception>
    public abstract void Run(VerificationResult result);
}

/// <summary>Result of the checks of one store.</summary>
/// <param name="onError">Receives each error as it is found.</param>
public sealed class VerificationResult(Action<string> onError)
{
    private readonly List<(string Name, string Value)> _facts = [];

    public long ErrorCount { get; private set; }

    /// <summary>Counts and fingerprints, equal for equal stores.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts => _facts;

    /// <param name="sentence">The error, with the number or key of the row.</param>
    public void AddError(string sentence)
    {
        ErrorCount++;
        onError(sentence);
    }

    public void AddFact(string name, string value) => _facts.Add((name, value));
}
