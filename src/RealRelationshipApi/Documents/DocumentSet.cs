using System.Data;
using System.Security.Cryptography;
using System.Text;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Documents;

/// <summary>The current versions of all documents. Immutable.</summary>
internal sealed class DocumentSet
{
    private readonly Dictionary<string, DocumentRow> _current;

    private DocumentSet(IReadOnlyList<DocumentRow> rows)
    {
        _current = rows.GroupBy(row => row.Name, StringComparer.Ordinal).ToDictionary(versions => versions.Key, versions => versions.MaxBy(row => row.Version)!,
            StringComparer.Ordinal);
        ChangeNumber = rows.Max(row => (long?)row.ChangeNumber) ?? 0;
    }

    /// <summary>Number of the last change of any document; 0 if none was put.</summary>
    public long ChangeNumber { get; }

    /// <summary>Reads all documents.</summary>
    /// <exception cref="TamperedDataException">A version was altered, deleted or inserted.</exception>
    public static DocumentSet Read(IDbConnection connection, ChangeLog log) => new(DocumentRow.ReadAll(connection, log));

    /// <summary>The current document of a type; its default if none was put.</summary>
    public T Get<T>(DocumentType<T> type) where T : Document => _current.GetValueOrDefault(type.Name)?.ToDocument<T>() ?? type.Default;

    /// <summary>Strong ETag of a document.</summary>
    public static string ETagOf<T>(T document) where T : Document =>
        $"\"{document.Version}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DocumentRow.ToContent(document))).AsSpan(0, 8))}\"";
}
