using System.IO.Pipelines;
using System.Security.Cryptography;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Streams that were taken over and are not stored yet: sealed files beside the store, each durable before its sender hears of it.</summary>
internal sealed class ImportSpool(Database database, ColumnEncryption encryption)
{
    private readonly string _path = database.SidecarBasePath + ".imports";

    /// <summary>The names of what is there.</summary>
    public IReadOnlyList<string> Ids => Directory.Exists(_path)
        ? [.. Directory.GetFiles(_path).Select(file => Path.GetFileName(file)!).Where(name => !name.Contains('.', StringComparison.Ordinal))] : [];

    /// <summary>Writes all of a body, in constant memory.</summary>
    /// <returns>Its name.</returns>
    public string Save(PipeReader body)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        Directory.CreateDirectory(_path);
        try
        {
            using var stream = body.AsStream(leaveOpen: true);
            DurableFile.Write(PathOf(id), path =>
            {
                using var file = File.Create(path);
                EncryptedFile.Encrypt(encryption, stream, file);
            });
        }
        catch (Exception error)
            when (error is UnauthorizedAccessException
                || (error is IOException
                    && error is not Microsoft.AspNetCore.Connections.ConnectionResetException and not Microsoft.AspNetCore.Http.BadHttpRequestException))
        {
            throw new StorageUnavailableException("What was sent cannot be kept now.", error);
        }

        return id;
    }

    /// <summary>Writes what was taken into a pipe, and completes it.</summary>
    /// <exception cref="StorageCorruptionException">It was edited or cut off, or its key is gone.</exception>
    public void CopyTo(string id, PipeWriter to)
    {
        using var file = File.OpenRead(PathOf(id));
        using var stream = to.AsStream(leaveOpen: true);
        EncryptedFile.Decrypt(encryption, file, stream);
    }

    /// <summary>A new file without a name: it is gone when it is closed, and when the service is killed.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public FileStream CreateTemporaryFile()
    {
        Directory.CreateDirectory(_path);
        var path = PathOf(Path.ChangeExtension(Path.GetRandomFileName(), ".scratch"));
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path);
        return file;
    }

    public void Delete(string id) => File.Delete(PathOf(id));

    private string PathOf(string id) => Path.Combine(_path, id);
}
