using System.IO.Pipelines;
using System.Threading.Channels;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Stores spooled streams one after the other and resumes them after a restart.</summary>
internal sealed class ImportWorker(ImportSpool spool, Func<SessionIngestion> createIngestion, GroupCommitWriter writer, Database database,
    ColumnEncryption encryption, PrivacyKey privacy, IOptions<LimitOptions> limits, TimeProvider clock, ILogger<ImportWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>();

    /// <summary>Spools a stream durably and queues it.</summary>
    /// <returns>The id of the import.</returns>
    public async Task<string> AcceptAsync(PipeReader body, Sender sender, CancellationToken cancellationToken)
    {
        // On a thread-pool thread, since reading blocks at the pace of the sender.
        var own = await database.ReadAsync(connection => ImportStore.RunningIds(connection, sender.Tenant), cancellationToken);
        var id = await Task.Run(() => spool.Save(body, own.Sum(spool.SizeOf)), cancellationToken);
        try
        {
            await writer.WriteAsync(transaction =>
            {
                ImportStore.Begin(transaction, sender, id);
                return true;
            }, cancellationToken);
        }
        catch
        {
            spool.Delete(id);
            throw;
        }

        await _queue.Writer.WriteAsync(id, CancellationToken.None);
        return id;
    }

    /// <inheritdoc cref="ImportStore.Read"/>
    public Task<ImportResponse?> ReadAsync(string tenant, string id, long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => ImportStore.Read(connection, encryption, privacy, tenant, id, after, limit), cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var id in spool.Ids)
            {
                await _queue.Writer.WriteAsync(id, stoppingToken);
            }

            await foreach (var id in _queue.Reader.ReadAllAsync(stoppingToken))
            {
                await ProcessAsync(id, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping or did not start; imports resume after the next start.
        }
    }

    private async Task ProcessAsync(string id, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await database.ReadAsync(connection => UnfinishedImports.Find(connection, privacy, id), stoppingToken) is { } import)
                {
                    TenantScope.Enter(import.Sender.Tenant);
                    await EndAsync(import.Sender.Tenant, id, await RunAsync(id, import.Sender, import.Line, stoppingToken), stoppingToken);
                }

                spool.Delete(id);
                return;
            }
            catch (Exception error)
                when (!stoppingToken.IsCancellationRequested
                    && (error is StorageUnavailableException or IOException || database.ClassifyError(error) != StorageErrorKind.None))
            {
                logger.LogWarning("An import waits for the store: {Reason}", error.Message);
                await Task.Delay(s_retryDelay, clock, stoppingToken);
            }
            catch (TamperedDataException error)
            {
                logger.LogError("An import waits until the store is repaired: {Reason}", error.Message);
                await Task.Delay(s_retryDelay, clock, stoppingToken);
                await _queue.Writer.WriteAsync(id, stoppingToken);
                return;
            }
            finally
            {
                TenantScope.Enter(TenantScope.AllTenants);
            }
        }
    }

    private async Task<ImportState> RunAsync(string id, Sender sender, long after, CancellationToken cancellationToken)
    {
        var ingestion = createIngestion();
        var (tenant, intake) = (sender.Tenant, await ingestion.LoadContextAsync(sender, cancellationToken));
        var kept = await database.ReadAsync(connection => ImportStore.CountErrors(connection, tenant, id), cancellationToken);
        var pipe = new Pipe();
        var reading = Task.Run(() => FillPipe(id, pipe.Writer), cancellationToken);
        try
        {
            await SessionStreamProcessor.RunAsync(SessionBodyReader.ReadLinesAsync(pipe.Reader, cancellationToken),
                session => ingestion.Prepare(session, intake),
                async group => kept += await writer.WriteAsync(transaction => ImportStore.Advance(transaction, encryption, tenant, id, group,
                    ingestion.Store(transaction, tenant, group), limits.Value.MaxFaultsPerImport - kept), cancellationToken), after, cancellationToken);
            return ImportState.Done;
        }
        catch (Exception error) when (error is StorageCorruptionException or BadHttpRequestException)
        {
            logger.LogError("An import cannot be read any more: {Reason}", error.Message);
            return ImportState.Failed;
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await reading;
        }
    }

    // Passes an exception to the reader of the pipe.
    private void FillPipe(string id, PipeWriter to)
    {
        try
        {
            spool.CopyTo(id, to);
            to.Complete();
        }
        catch (Exception error)
        {
            to.Complete(error);
        }
    }

    private async Task EndAsync(string tenant, string id, ImportState state, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(transaction =>
        {
            ImportStore.End(transaction, tenant, id, state);
            return true;
        }, cancellationToken);
        SessionMetrics.RecordImport(state);
    }
}
