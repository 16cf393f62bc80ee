using System.IO.Pipelines;
using System.Security.Cryptography;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Accepted streams that are not stored yet, in encrypted files next to the store. A stream is durable before its request gets 202.</summary>
internal sealed class ImportSpool(Database database, ColumnEncryption encryption)
{
    private readonly string _path = database.SidecarBasePath + ".imports";

    /// <summary>Ids of the spooled streams.</summary>
    public IReadOnlyList<string> Ids => Directory.Exists(_path)
        ? [.. Directory.GetFiles(_path).Select(file => Path.GetFileName(file)!).Where(name => !name.Contains('.', StringComparison.Ordinal))] : [];

    /// <summary>Writes a body to a file, in constant memory.</summary>
    /// <returns>Id of the stream.</returns>
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

    /// <summary>Decrypts a spooled stream into a pipe.</summary>
    /// <exception cref="StorageCorruptionException">The file was edited or truncated, or its key is missing.</exception>
    public void CopyTo(string id, PipeWriter to)
    {
        using var file = File.OpenRead(PathOf(id));
        using var stream = to.AsStream(leaveOpen: true);
        EncryptedFile.Decrypt(encryption, file, stream);
    }

    /// <summary>Opens an unnamed temporary file, which is deleted when closed or when the process ends.</summary>
    /// <exception cref="IOException">The file cannot be created.</exception>
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
