using System.IO.Pipelines;
using System.Security.Cryptography;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Bodies;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Accepted streams that are not stored yet, in encrypted files next to the store. A stream is durable before its request gets 202.</summary>
internal sealed class ImportSpool(Database database, ColumnEncryption encryption, IOptions<LimitOptions> limits)
{
    private readonly string _path = database.SidecarBasePath + ".imports";

    /// <summary>Ids of the spooled streams.</summary>
    public IReadOnlyList<string> Ids => Directory.Exists(_path)
        ? [.. Directory.GetFiles(_path).Select(file => Path.GetFileName(file)!).Where(name => !name.Contains('.', StringComparison.Ordinal))] : [];

    /// <summary>Writes a body to a file, in constant memory.</summary>
    /// <param name="body">The body.</param>
    /// <param name="ownBytes">Size of the spooled streams of the same tenant, which may use half of the spool.</param>
    /// <returns>Id of the stream.</returns>
    /// <exception cref="StorageUnavailableException">The spool or the share of the tenant is full, or the disk cannot be written.</exception>
    public string Save(PipeReader body, long ownBytes)
    {
        var remaining = Math.Min((limits.Value.MaxSpoolBytes / 2) - ownBytes, limits.Value.MaxSpoolBytes - Ids.Sum(SizeOf));
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        Directory.CreateDirectory(_path);
        try
        {
            using var stream = body.AsStream(leaveOpen: true);
            DurableFile.Write(PathOf(id), path =>
            {
                using var file = File.Create(path);
                EncryptedFile.Encrypt(encryption, new LimitedReadStream(stream, remaining), file);
            });
        }
        catch (SpoolFullException full)
        {
            throw new StorageUnavailableException("Too many imports wait to be stored. Send this one again when earlier ones are done.", full);
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

    /// <summary>Size of a spooled stream in bytes; 0 if there is none.</summary>
    public long SizeOf(string id) => new FileInfo(PathOf(id)) is { Exists: true, Length: var bytes } ? bytes : 0;

    public void Delete(string id) => File.Delete(PathOf(id));

    private string PathOf(string id) => Path.Combine(_path, id);

    private sealed class SpoolFullException : Exception;

    /// <summary>Fails when more than a number of bytes is read.</summary>
    private sealed class LimitedReadStream(Stream stream, long remaining) : ReadOnlyStream
    {
        private long _remaining = remaining;

        public override int Read(Span<byte> buffer) => Subtract(stream.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Subtract(await stream.ReadAsync(buffer, cancellationToken));

        private int Subtract(int read)
        {
            _remaining -= read;
            return _remaining >= 0 ? read : throw new SpoolFullException();
        }
    }
}
