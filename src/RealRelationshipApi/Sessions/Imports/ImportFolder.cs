using System.IO.Pipelines;
using System.Security.Cryptography;

using RealRelationshipApi.Storage;
using RealRelationshipApi.Storage.Moving;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Streams that were taken over and are not stored yet: sealed files beside the store, each durable before its sender hears of it.</summary>
internal sealed class ImportFolder(Database database, Sealer sealer)
{
    private readonly string _path = database.BesidePath + ".imports";

    /// <summary>The names of what is there.</summary>
    public IReadOnlyList<string> Names => Directory.Exists(_path) ? [.. Directory.GetFiles(_path).Select(file => Path.GetFileName(file)!).Where(name => !name.Contains('.', StringComparison.Ordinal))] : [];

    /// <summary>Writes all of a body, in constant memory.</summary>
    /// <returns>Its name.</returns>
    public string Take(PipeReader body)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        Directory.CreateDirectory(_path);
        try
        {
            using var stream = body.AsStream(leaveOpen: true);
            DurableFile.Write(FileOf(id), path =>
            {
                using var file = File.Create(path);
                SealedFile.Seal(sealer, stream, file);
            });
        }
        catch (Exception error) when (error is UnauthorizedAccessException || (error is IOException && error is not Microsoft.AspNetCore.Connections.ConnectionResetException and not Microsoft.AspNetCore.Http.BadHttpRequestException))
        {
            throw new StorageUnavailableException("What was sent cannot be kept now.", error);
        }

        return id;
    }

    /// <summary>Writes what was taken into a pipe, and completes it.</summary>
    /// <exception cref="StorageDamagedException">It was edited or cut off, or its key is gone.</exception>
    public void Open(string id, PipeWriter to)
    {
        using var file = File.OpenRead(FileOf(id));
        using var stream = to.AsStream(leaveOpen: true);
        SealedFile.Open(sealer, file, stream);
    }

    /// <summary>A new file without a name: it is gone when it is closed, and when the service is killed.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public FileStream Scratch()
    {
        Directory.CreateDirectory(_path);
        var path = FileOf(Path.ChangeExtension(Path.GetRandomFileName(), ".scratch"));
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path);
        return file;
    }

    public bool Has(string id) => File.Exists(FileOf(id));

    public void Delete(string id) => File.Delete(FileOf(id));

    private string FileOf(string id) => Path.Combine(_path, id);
}
