using System.IO.Pipelines;
using System.Threading.Channels;

using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Stores what was taken over, one stream after the other; after a restart each goes on where it was.</summary>
internal sealed class SessionImports(ImportFolder folder, Func<SessionIntake> intakes, Writer writer, Database database, Sealer sealer, TimeProvider clock, ILogger<SessionImports> logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _waiting = Channel.CreateUnbounded<string>();

    /// <summary>Takes a stream over: when this returns it is durable, and will be stored.</summary>
    /// <returns>The name under which to ask for it.</returns>
    public async Task<string> TakeAsync(PipeReader body, string tenant, CancellationToken cancellationToken)
    {
        // On a thread of its own: the body is read as fast as its sender sends.
        var id = await Task.Run(() => folder.Take(body), cancellationToken);
        try
        {
            await writer.WriteAsync(transaction =>
            {
                ImportStore.Begin(transaction, tenant, id);
                return true;
            }, cancellationToken);
        }
        catch
        {
            folder.Delete(id);
            throw;
        }

        await _waiting.Writer.WriteAsync(id, CancellationToken.None);
        return id;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var id in folder.Names)
            {
                await _waiting.Writer.WriteAsync(id, stoppingToken);
            }

            await foreach (var id in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await StoreAsync(id, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops, or was refused its start: what was taken over goes on after the next one.
        }
    }

    private async Task StoreAsync(string id, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await database.ReadAsync(connection => UnfinishedImports.Find(connection, id), stoppingToken) is { } import)
                {
                    SiteScope.Enter(import.Tenant);
                    await EndAsync(import.Tenant, id, await RunAsync(id, import.Tenant, import.Line, stoppingToken), stoppingToken);
                }

                folder.Delete(id);
                return;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested && (error is StorageUnavailableException or IOException || database.FaultOf(error) != StorageFault.None))
            {
                logger.LogWarning("An import waits for the store: {Reason}", error.Message);
                await Task.Delay(s_pause, clock, stoppingToken);
            }
            finally
            {
                SiteScope.Enter(SiteScope.Every);
            }
        }
    }

    private async Task<ImportState> RunAsync(string id, string tenant, long after, CancellationToken cancellationToken)
    {
        var intake = intakes();
        var instruments = await intake.InstrumentsAsync(tenant, cancellationToken);
        var pipe = new Pipe();
        var reading = Task.Run(() => Fill(id, pipe.Writer), cancellationToken);
        try
        {
            await SessionStream.RunAsync(pipe.Reader, session => intake.Prepare(session, instruments, tenant), group => writer.WriteAsync(transaction =>
            {
                ImportStore.Advance(transaction, sealer, tenant, id, group, intake.Store(transaction, tenant, group));
                return true;
            }, cancellationToken), after, cancellationToken);
            return ImportState.Done;
        }
        catch (Exception error) when (error is StorageDamagedException or BadHttpRequestException)
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

    // A fault of the file reaches whoever reads the pipe.
    private void Fill(string id, PipeWriter to)
    {
        try
        {
            folder.Open(id, to);
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
        SessionMeter.Ended(state);
    }
}
