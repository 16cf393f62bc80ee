using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Pseudonyms that the keys of a message have in the source systems that share them, in the order of the group.</summary>
internal sealed record LinkedKeys(IReadOnlyList<Pseudonym> Patients, IReadOnlyList<Pseudonym> Sessions, IReadOnlyList<Pseudonym> Therapists);

/// <summary>Links the keys of messages, and unites the records of patients who turn out to be the same.</summary>
internal sealed class PersonLinker(WriteTransaction transaction, ColumnEncryption encryption, string tenant, KeyLinks links, SufficientStatistics statistics)
{
    private readonly HashSet<Pseudonym> _relinkedTherapists = [];

    public void Link(LinkedKeys keys)
    {
        statistics.ResolveTherapist = links.PersonOf;
        var person = LinkPatients(keys.Patients);
        // The smallest key stands for all of them, whichever system sends first.
        if (keys.Sessions.Count > 0 && keys.Sessions.Min() is var session)
        {
            var newLinks = keys.Sessions.Where(key => links.LinkSession(person, key, session)).ToList();
            if (newLinks.Count > 0)
            {
                Relink(person);
            }
        }

        if (keys.Therapists.Count > 0 && keys.Therapists.Min() is var therapist)
        {
            _relinkedTherapists.UnionWith(keys.Therapists.Where(key => links.LinkPerson(key, therapist)));
        }
    }

    /// <summary>A score with the session and therapist that its keys stand for.</summary>
    public PatientScore Resolve(Pseudonym person, PatientScore score)
    {
        var (session, therapist) = (links.SessionOf(person, score.Session), links.PersonOf(score.Therapist));
        return session == score.Session && therapist == score.Therapist ? score : score with { Session = session, Therapist = therapist };
    }

    /// <summary>Applies new links of therapists to the other patients of the site.</summary>
    public void Complete()
    {
        if (_relinkedTherapists.Count == 0)
        {
            return;
        }

        foreach (var patient in FindPatientsOf(_relinkedTherapists).ToList())
        {
            Relink(patient);
        }

        foreach (var patient in statistics.LoadedPatients.ToList())
        {
            Relink(patient);
        }

        _relinkedTherapists.Clear();
    }

    // Patients with a score of one of these therapists.
    private IEnumerable<Pseudonym> FindPatientsOf(IReadOnlySet<Pseudonym> therapists) =>
        PatientRecords.ReadAll(transaction.Connection, encryption, tenant).Where(row => row.Record.IsOfAny(therapists)).Select(row => row.Patient);

    private Pseudonym LinkPatients(IReadOnlyList<Pseudonym> keys)
    {
        var persons = keys.Select(links.PersonOf).Distinct().ToList();
        // Of several records that of the first system in the group remains.
        var known = persons.FindAll(p => !statistics.GetPatient(p).IsEmpty);
        var person = known.Count > 0 ? known[0] : persons.Exists(p => !keys.Contains(p)) ? persons.Find(p => !keys.Contains(p)) : keys[0];
        foreach (var same in known.Skip(1))
        {
            statistics.Merge(same, person);
            links.Merge(same, person);
        }

        foreach (var key in keys)
        {
            links.LinkPerson(key, person);
        }

        if (known.Count > 1)
        {
            Relink(person);
        }

        return person;
    }

    private void Relink(Pseudonym person) => statistics.GetPatient(person).Replace(score => Resolve(person, score));
}
